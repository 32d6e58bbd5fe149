/** The cache of verified tokens: a token that was found good once is good again until it expires, its key goes or somebody revokes. */
import type { Claims } from '../jwt/jws.js'
import type { Issuer } from '../keys/issuers.js'
import type { Epochs } from '../revocation/epochs.js'
import type { AccessToken } from './format.js'

/** A token that passed every check, frozen: who, until when, and the claims it was made of. */
export interface Verified extends AccessToken {
  readonly issuer: string | undefined
  readonly claims: Claims
  readonly scopes: ReadonlySet<string>
  readonly expiresAt: number
  readonly kid: string | undefined
}

export interface VerifiedCache {
  /** A token kept earlier, if it is still good; `undefined` sends the caller through every check again. */
  find(token: string, row: Issuer, epochs: Epochs, now: number): Verified | undefined
  keep(token: string, verified: Verified, generation: number, epochsVersion: number, now: number): void
  readonly size: number
}

interface Entry {
  readonly token: string
  readonly verified: Verified
  readonly generation: number
  readonly deadline: number
  epochsVersion: number
}

/** The tail of the signature: random enough to be the bucket, short enough to be hashed quickly. */
const TAIL = 22

/**
 * Makes a cache of at most `capacity` tokens in two generations: a find moves an entry to the young one, and the old one
 * is dropped whole when the young one is full. `monotonic` counts seconds that no clock change touches.
 */
export function createVerifiedCache(
  capacity: number,
  monotonic: () => number = () => performance.now() / 1000,
): VerifiedCache {
  const half = Math.max(1, capacity >> 1)
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  return {
    find,
    keep,
    get size() {
      return young.size + old.size
    },
  }

  function find(token: string, row: Issuer, epochs: Epochs, now: number): Verified | undefined {
    if (typeof token !== 'string') return undefined
    const tail = token.slice(-TAIL)
    let entry = young.get(tail)
    if (!entry) {
      entry = old.get(tail)
      if (!entry) return undefined
      old.delete(tail)
      put(tail, entry)
    }
    // The bucket says nothing; only the complete token does.
    if (entry.token !== token) return undefined
    const { verified } = entry
    if (entry.generation !== row.keys.generation || now >= row.keys.usableUntil) return undefined
    if (now >= verified.expiresAt || monotonic() >= entry.deadline) return undefined
    if (entry.epochsVersion !== epochs.version) {
      const version = epochs.version
      // Something was revoked since. If it was this token, the whole road says what.
      if (epochs.verdict(row.id, { ...verified, rev: verified.stamp }) !== 'alive') return undefined
      entry.epochsVersion = version
    }
    return verified
  }

  function keep(token: string, verified: Verified, generation: number, epochsVersion: number, now: number): void {
    // A flat copy: a slice of a header would keep the whole header alive.
    const flat = Buffer.from(token, 'latin1').toString('latin1')
    const deadline = monotonic() + (verified.expiresAt - now)
    put(flat.slice(-TAIL), { token: flat, verified, generation, deadline, epochsVersion })
  }

  function put(tail: string, entry: Entry): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(tail, entry)
  }
}
