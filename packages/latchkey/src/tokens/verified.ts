/** The cache of verified tokens: a token that was found good once is good again until it expires, its key goes or somebody revokes. */
import type { Claims } from '../jwt/jws.js'
import type { Issuer } from '../keys/issuers.js'
import type { Epochs } from '../revocation/epochs.js'
import type { AccessToken } from './format.js'

/** A token that passed every check, frozen: who, until when, and the claims it was made of. */
export interface Verified extends AccessToken {
  /** The id of the issuer's row: with it `subject` is an identity, without it nothing. */
  readonly row: string
  readonly issuer: string | undefined
  readonly claims: Claims
  readonly scopes: ReadonlySet<string>
  /** From then on it is refused: the leeway of its row is in it. NaN for a token that never expires. */
  readonly expiresAt: number
  readonly kid: string | undefined
}

/** What a verdict rests on, taken before it was reached. */
interface Basis {
  readonly issuer: Issuer
  /** Of the issuer's keys. */
  readonly generation: number
  readonly epochsVersion: number
}

export interface VerifiedCache {
  /** A token kept earlier, if it is still good; `undefined` sends the caller through every check again. */
  find(token: string, epochs: Epochs, now: number): Verified | undefined
  keep(token: string, verified: Verified, basis: Basis, now: number): void
  readonly size: number
}

interface Entry {
  readonly token: string
  readonly verified: Verified
  readonly issuer: Issuer
  readonly generation: number
  /** Whole seconds by the wall clock: the token's own end. */
  readonly until: number
  /** Whole seconds that no clock change touches. */
  readonly deadline: number
  epochsVersion: number
}

/**
 * Makes a cache of at most `capacity` tokens in two generations: a find moves an entry to the young one, and the old one is
 * dropped whole when the young one is full. `monotonic` counts seconds that no clock change touches.
 */
export function createVerifiedCache(
  capacity: number,
  monotonic: () => number = () => performance.now() / 1000,
): VerifiedCache {
  const half = Math.max(1, capacity >> 1)
  let young = new Map<number, Entry>()
  let old = new Map<number, Entry>()
  return {
    find,
    keep,
    get size() {
      return young.size + old.size
    },
  }

  function find(token: string, epochs: Epochs, now: number): Verified | undefined {
    if (typeof token !== 'string') return undefined
    const bucket = bucketOf(token)
    const entry = young.get(bucket) ?? remembered(bucket)
    // The bucket says nothing; only the complete token does.
    if (entry === undefined || entry.token !== token) return undefined
    const { keys } = entry.issuer
    if (entry.generation !== keys.generation || now >= keys.usableUntil) return undefined
    if (now >= entry.until || monotonic() >= entry.deadline) return undefined
    if (entry.epochsVersion !== epochs.version) {
      const { verified } = entry
      const version = epochs.version
      // Something was revoked since. If it was this token, the whole road says what.
      if (epochs.verdict(verified.row, { ...verified, rev: verified.stamp }) !== 'alive') return undefined
      entry.epochsVersion = version
    }
    return entry.verified
  }

  function keep(token: string, verified: Verified, basis: Basis, now: number): void {
    const { issuer, generation, epochsVersion } = basis
    // A flat copy: a slice of a header would keep the whole header alive.
    const flat = Buffer.from(token, 'latin1').toString('latin1')
    // Whole numbers: an entry with fractions is one more object, somewhere else in memory.
    const until = Math.floor(verified.expiresAt)
    const deadline = Math.floor(monotonic() + (until - now))
    put(bucketOf(flat), { token: flat, verified, issuer, generation, until, deadline, epochsVersion })
  }

  /** What is still used moves on; its old place goes with all the others. */
  function remembered(bucket: number): Entry | undefined {
    const entry = old.get(bucket)
    if (entry !== undefined) put(bucket, entry)
    return entry
  }

  function put(bucket: number, entry: Entry): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(bucket, entry)
  }
}

/** Thirty bits of the signature, but for its last letter, which may hold next to none: a number is found faster than a text. */
function bucketOf(token: string): number {
  let bits = 0
  for (let at = token.length - 6; at < token.length - 1; at++) bits = (bits << 6) | (token.charCodeAt(at) & 63)
  return bits
}
