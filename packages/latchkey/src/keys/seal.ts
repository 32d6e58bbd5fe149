/** Server secrets, newest first, and what is made of them: one sub-key per purpose by HKDF, and sealed documents (AES-256-GCM). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AuthError } from '../errors.js'
import { importKey } from '../jwt/key.js'
import type { KeyStore } from '../stores/port.js'
import { decodeBase64url, encodeBase64url, hkdf } from '../util/bytes.js'
import type { Clock } from '../util/time.js'

/** refresh: MACs of refresh tokens; ring: seals the keyring; bootstrap: the code of the first start; csrf: its tokens; keysets: MACs of saved key sets of others; api-token: marks of API tokens. */
export type Purpose = 'refresh' | 'ring' | 'bootstrap' | 'csrf' | 'keysets' | 'api-token'

export interface ServerSecret {
  /** Derived, so that it may be stored and shown. */
  readonly id: string
  /** 32 bytes for this purpose and no other. */
  subkey(purpose: Purpose): Buffer
}

export interface ServerSecrets {
  /** As configured, newest first. */
  readonly all: readonly ServerSecret[]
  find(id: string): ServerSecret | undefined
  /** The one that signs and seals: the newest that the store has known long enough for every replica to have it. */
  current(): ServerSecret
  /** Takes what the store knows: since when (seconds) each id. */
  learn(known: ReadonlyMap<string, number>): void
}

/** A deploy that rolls longer than this has replicas that cannot read what the others write. */
const KNOWN_SECONDS = 600

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Reads the secrets as configured. Throws `options_invalid` for weak, published or repeated ones; the hint never shows them. */
export function serverSecrets(texts: readonly string[], clock: Clock): ServerSecrets {
  const all = texts.map(readSecret)
  const byId = new Map(all.map((secret) => [secret.id, secret]))
  if (all.length === 0) throw new AuthError('options_invalid', { hint: 'secret: there is none' })
  if (byId.size < all.length) throw new AuthError('options_invalid', { hint: 'secret: the same one is given twice' })
  const knownSince = new Map<string, number>()
  return { all, find: (id) => byId.get(id), current, learn }

  function current(): ServerSecret {
    const settled = clock() - KNOWN_SECONDS
    return all.find(({ id }) => since(id) <= settled) ?? eldest()
  }

  /** While none is settled, the one that most replicas have. */
  function eldest(): ServerSecret {
    return all.reduce((best, one) => (since(one.id) <= since(best.id) ? one : best))
  }

  function since(id: string): number {
    return knownSince.get(id) ?? Number.POSITIVE_INFINITY
  }

  function learn(known: ReadonlyMap<string, number>): void {
    for (const [id, at] of known) if (byId.has(id)) knownSince.set(id, at)
  }
}

/** Makes the secrets known to the store, the oldest first: on an empty store it is the one that may be used at once. */
export async function announce(secrets: ServerSecrets, store: Pick<KeyStore, 'announce'>): Promise<void> {
  secrets.learn(await store.announce(secrets.all.map(({ id }) => id).reverse()))
}

/** Seals a text. Whoever opens it must name the same `aad`: where it belongs, and in which version. */
export function seal(text: string, secret: ServerSecret, aad: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', secret.subkey('ring'), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(bound(secret.id, aad))
  const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `1.${secret.id}.${encodeBase64url(bytes)}`
}

/** `undefined` for what was altered, belongs elsewhere, or was sealed with a secret that is not here. */
export function unseal(sealed: string, secrets: ServerSecrets, aad: string): string | undefined {
  const [, id = '', body = ''] = parts(sealed)
  const secret = secrets.find(id)
  const bytes = decodeBase64url(body)
  if (!secret || !bytes || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', secret.subkey('ring'), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bound(id, aad)).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** The id of the secret that a document says it was sealed with. */
export const sealedBy = (sealed: string): string | undefined => parts(sealed)[1]

const parts = (sealed: string): readonly string[] => /^1\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? []

const bound = (secretId: string, aad: string): Buffer => Buffer.from(JSON.stringify(['latchkey/seal/1', secretId, aad]))

function readSecret(text: string): ServerSecret {
  const secret = bytesOf(text)
  const subkeys = new Map<Purpose, Buffer>()
  return { id: hkdf(secret, 'latchkey/secret/id', 9).toString('base64url'), subkey }

  function subkey(purpose: Purpose): Buffer {
    const known = subkeys.get(purpose)
    if (known) return known
    const made = hkdf(secret, `latchkey/secret/${purpose}`)
    subkeys.set(purpose, made)
    return made
  }
}

/** A server secret is at least as good as an HMAC key: the same rules, with the option named. */
function bytesOf(text: string): Buffer {
  try {
    return importKey({ secret: text }, 'HS256').material.export()
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    throw new AuthError('options_invalid', { hint: `secret: ${error.hint}`, reason: 'key_policy' })
  }
}
