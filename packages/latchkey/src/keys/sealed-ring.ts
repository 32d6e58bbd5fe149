/** The ring in the store: one sealed document that changes by compare-and-set, whoever of many processes changes it. */
import { AuthError } from '../errors.js'
import type { Algorithm } from '../jwt/algorithms.js'
import { generateKey, importKey, type Key, privateJwk } from '../jwt/key.js'
import type { KeyStore, NewEpoch } from '../stores/port.js'
import type { Clock } from '../util/time.js'
import { type Ring, type RingKey, type RingTimes, upkeep } from './ring.js'
import { announce, type ServerSecrets, seal, sealedBy, unseal } from './seal.js'

/** A ring as it was read, with the document it was read from. */
export interface StoredRing {
  readonly version: number
  readonly sealed: string
  readonly ring: Ring
}

/** What is to become of a ring; `revoke` goes into the log with it, or not at all. Asked again when somebody else was faster. */
export type Change = (ring: Ring, now: number) => { readonly ring: Ring; readonly revoke?: readonly NewEpoch[] }

export interface SealedRingParts {
  readonly store: KeyStore
  readonly secrets: ServerSecrets
  readonly algorithm: Algorithm
  readonly clock: Clock
  readonly row: string
  readonly times: RingTimes
}

export interface SealedRing {
  /**
   * Loads the ring, sees to its upkeep, changes it, and answers what now stands. What `known` already read is not read again.
   * Throws `options_invalid` for a document that none of the secrets opens, and `store_failed`.
   */
  update(known: StoredRing | undefined, change?: Change): Promise<StoredRing>
}

/** Each lost race means that somebody else's change stands, so this many in a row mean that something is wrong. */
const ATTEMPTS = 20

type Stored = Omit<RingKey, 'key'> & { readonly alg: Algorithm; readonly kid: string; readonly jwk: object }

export function createSealedRing({ store, secrets, algorithm, clock, row, times }: SealedRingParts): SealedRing {
  let announced = false
  return { update }

  async function update(known: StoredRing | undefined, change?: Change): Promise<StoredRing> {
    if (!announced) await asked(announce(secrets, store))
    announced = true
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = await asked(store.load())
      const stored = found ? read(found, known) : { version: 0, sealed: '', ring: [] }
      const now = clock()
      const tended = upkeep(stored.ring, now, times, make)
      const { ring: changed, revoke = [] } = change?.(tended, now) ?? { ring: tended }
      const ring = upkeep(changed, now, times, make)
      if (ring === stored.ring && !outdated(stored.sealed)) return stored
      const version = stored.version + 1
      const sealed = write(ring, version)
      if (await asked(store.save(stored.version, sealed, revoke))) return { version, sealed, ring }
    }
    throw new AuthError('store_failed', { hint: 'the keyring was changed by others at every attempt' })
  }

  function make(): RingKey['key'] {
    return named(generateKey(algorithm))
  }

  function read(found: { readonly version: number; readonly sealed: string }, known?: StoredRing): StoredRing {
    if (found.version === known?.version && found.sealed === known.sealed) return known
    const text = unseal(found.sealed, secrets, aad(found.version))
    if (text === undefined) throw sealedByOthers(found.sealed)
    const keys: readonly Stored[] = JSON.parse(text).keys
    return { ...found, ring: keys.map((stored) => toRingKey(stored, known)) }
  }

  function toRingKey({ alg, kid, jwk, ...dates }: Stored, known?: StoredRing): RingKey {
    // The same object for the same key: what was prepared for it once is found by it.
    const same = known?.ring.find(({ key }) => key.kid === kid && key.alg === alg)
    return { ...dates, key: same?.key ?? named(importKey({ jwk }, alg, { kid, sign: true })) }
  }

  function write(ring: Ring, version: number): string {
    const keys = ring.map(({ key, ...dates }) => ({ ...dates, alg: key.alg, kid: key.kid, jwk: privateJwk(key) }))
    return seal(JSON.stringify({ keys }), secrets.current(), aad(version))
  }

  /** Neither another row's document nor an older one of our own opens in this place. */
  function aad(version: number): string {
    return JSON.stringify(['ring', row, version])
  }

  /** True if a newer secret than the document's is in use by now. */
  function outdated(sealed: string): boolean {
    const ids = secrets.all.map(({ id }) => id)
    return ids.indexOf(secrets.current().id) < ids.indexOf(sealedBy(sealed) ?? '')
  }

  function sealedByOthers(sealed: string): AuthError {
    const id = sealedBy(sealed)
    const altered = id !== undefined && secrets.find(id) !== undefined
    const hint = altered
      ? 'secret: the keyring in the store was altered, or put where it does not belong'
      : 'secret: none of the secrets opens the keyring in the store; keep the one that sealed it, as the last of the list'
    return new AuthError('options_invalid', { hint })
  }
}

function named(key: Key): RingKey['key'] {
  if (!hasKid(key)) throw new TypeError('a key of the ring has a kid')
  return key
}

const hasKid = (key: Key): key is RingKey['key'] => key.kid !== undefined

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    throw new AuthError('store_failed', { hint: 'the keyring could not be read or written', cause })
  }
}
