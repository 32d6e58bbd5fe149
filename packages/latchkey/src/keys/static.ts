/** The keyring of configured keys: an HS secret or a private key, and others that verify beside it. It never changes while the process runs. */
import { AuthError } from '../errors.js'
import { type Jws, verifyJws } from '../jwt/jws.js'
import { type Key, publicJwk } from '../jwt/key.js'
import type { Keyring } from './keyring.js'

/** What systems that list their keys know besides the one that signs. */
export interface ConfiguredKeys {
  /** The name of the key that signs. */
  readonly kid?: string | undefined
  /** Keys that verify, in the order in which they are tried; of one that is private the public half counts. */
  readonly others: readonly Key[]
  /** Whether a token must name its key, and by a name that is known. Default false. */
  readonly named?: boolean
  /** Where another service publishes keys that sign for us, too. */
  readonly url?: string | undefined
}

/** So many signatures at most are computed for one token. */
const MOST_KEYS = 16

/** Throws `options_invalid` for a key that cannot sign. */
export function staticKeyring(key: Key, { others, named = false }: ConfiguredKeys = { others: [] }): Keyring {
  if (key.material.type === 'public') throw new AuthError('options_invalid', { hint: 'key: a public key cannot sign' })
  const all = [key, ...others]
  if (all.length > MOST_KEYS) throw new AuthError('options_invalid', { hint: `keys: at most ${MOST_KEYS}` })
  return {
    generation: 1,
    usableUntil: Number.POSITIVE_INFINITY,
    find,
    signer: () => key,
    jwks: async () => ({ keys: all.map(publicJwk).filter((jwk) => jwk !== undefined) }),
    rotate: async () => {
      throw new AuthError('options_invalid', { hint: 'key: it is configured, so it is replaced in the configuration' })
    },
    revoke: async () => {
      throw new AuthError('options_invalid', { hint: 'key: it is configured, so it is replaced in the configuration' })
    },
    list: async () => all.map(({ kid, alg }, at) => ({ kid, alg, state: at === 0 ? 'active' : 'retired' })),
    open: async () => {},
    noticed: () => {},
  }

  function find(kid: string | undefined, alg: string, jws?: Jws): Key | undefined {
    if (others.length > 0 || named) return among(kid, alg, jws)
    // There is one key only, so a token may leave its name out; but it may not name another.
    return alg === key.alg && (kid === undefined || key.kid === undefined || kid === key.kid) ? key : undefined
  }

  function among(kid: string | undefined, alg: string, jws: Jws | undefined): Key | undefined {
    const fitting = all.filter((one) => one.alg === alg)
    const known = kid === undefined ? undefined : fitting.find((one) => one.kid === kid)
    if (known || named || !jws) return known ?? (named ? undefined : fitting[0])
    // A name that nobody here gave says nothing: the signature tells.
    return fitting.length === 1 ? fitting[0] : (fitting.find((one) => isSignedBy(jws, one)) ?? fitting[0])
  }
}

function isSignedBy(jws: Jws, key: Key): boolean {
  try {
    verifyJws(jws, key)
    return true
  } catch {
    return false
  }
}
