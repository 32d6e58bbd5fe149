/** How an API token is spelled, `lk_<id>_<secret><mark>`, and what can be told of one without a look at the store. */
import { randomBytes } from 'node:crypto'
import type { Stamp } from '../stores/port.js'
import { equalText, hmacSha256, randomId, sha256 } from '../util/bytes.js'

/** What every API token begins with and no JWT does: a header in base64url begins with `ey`. */
export const API_TOKEN_PREFIX = 'lk_'

/** The prefix, 16 bytes of id, 32 of secret and 36 bits of mark. */
const LENGTH = 75
const FORM = /^lk_([\w-]{22})_[\w-]{49}$/
const MARK = 6
const STAMP_BYTES = 6

/** A text that has the form of an API token. */
export interface SpelledToken {
  readonly id: string
  /** The store's stamp when it was made. */
  readonly stamp: Stamp
  /** SHA-256 of the whole text: all that is kept of a token anywhere. */
  readonly digest: string
}

/** Makes a token. The stamp stands in its id, so that no two clocks have to be compared to tell what it is older than. */
export function spellToken(stamp: Stamp, key: Uint8Array): SpelledToken & { readonly token: string } {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(stamp, 0, STAMP_BYTES)
  const id = bytes.toString('base64url')
  const unmarked = `${API_TOKEN_PREFIX}${id}_${randomId(32)}`
  const token = unmarked + markOf(unmarked, key)
  return { token, id, stamp, digest: digestOf(token) }
}

/** `undefined` for what cannot be a token of ours. */
export function readToken(text: string): SpelledToken | undefined {
  const id = text.length === LENGTH ? FORM.exec(text)?.[1] : undefined
  return id === undefined ? undefined : { id, stamp: stampOf(id), digest: digestOf(text) }
}

/** The store's stamp when the token of this id was made. */
export function stampOf(id: string): Stamp {
  const bytes = Buffer.from(id.slice(0, 8), 'base64url')
  // An id that is none of ours is older than everything.
  return bytes.length < STAMP_BYTES ? 0 : bytes.readUIntBE(0, STAMP_BYTES)
}

/**
 * Whether one of these keys marked it. Only who made a token marks it, so that inventing tokens leads nobody to the store; without a
 * mark it may still be good, because keys are replaced and tokens stay.
 */
export function isMarked(token: string, keys: readonly Uint8Array[]): boolean {
  const [unmarked, mark] = [token.slice(0, -MARK), token.slice(-MARK)]
  return keys.some((key) => equalText(markOf(unmarked, key), mark))
}

const markOf = (unmarked: string, key: Uint8Array): string =>
  hmacSha256(key, unmarked).toString('base64url').slice(0, MARK)

const digestOf = (token: string): string => sha256(token).toString('base64url')
