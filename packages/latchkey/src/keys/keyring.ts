/** Our signing keys: standby, active, retired; rotation; the public JWKS. */
import type { JsonWebKey } from 'node:crypto'
import { AuthError } from '../errors.js'
import type { Algorithm } from '../jwt/algorithms.js'
import type { Claims, Jws } from '../jwt/jws.js'
import { type Key, publicJwk } from '../jwt/key.js'
import type { KeyStore } from '../stores/port.js'
import { once } from '../util/once.js'
import type { Clock } from '../util/time.js'
import { createChanges } from './changes.js'
import { createHeldRing } from './held-ring.js'
import { CONFIRMED_SECONDS, type KeyState, nextKey, stateOf } from './ring.js'
import type { ServerSecrets } from './seal.js'
import { type Change, createSealedRing, type StoredRing } from './sealed-ring.js'
import { createUnknownNames, type UnknownNamesParts } from './unknown-names.js'

/** Where verification keys come from. */
export interface KeySource {
  /** Raised only when the set of keys really changed. */
  readonly generation: number
  /** Until when (seconds) this set may be used as it is. */
  readonly usableUntil: number
  /** The key of that name and algorithm; `jws`: the token, where several keys are nameless and its signature has to tell. A promise only when something has to be loaded. Throws `store_failed`. */
  find(kid: string | undefined, alg: string, jws?: Jws): Key | undefined | Promise<Key | undefined>
}

/** A key as operators see it: no material. */
export interface KeyInfo {
  readonly kid: string | undefined
  readonly alg: Algorithm
  readonly state: KeyState
  /** Seconds; all dates are missing for a configured key. */
  readonly createdAt?: number
  readonly signFrom?: number
  readonly signUntil?: number
  readonly verifyUntil?: number
}

/** Our own signing keys. */
export interface Keyring extends KeySource {
  /** The key to sign these claims with now. A promise only when something has to be read first. Throws `store_failed`. */
  signer(claims?: Claims): Key | Promise<Key>
  /** The public keys, standby included (RFC 7517 section 5). */
  jwks(): Promise<{ readonly keys: readonly JsonWebKey[] }>
  /**
   * Answers the key that takes over: planned, as soon as everybody can know it; in an emergency at once, and what the
   * replaced key signed is dead. Throws `store_failed`, and `options_invalid` for a configured key.
   */
  rotate(options?: { readonly emergency?: boolean }): Promise<Key>
  /**
   * Ends a key for good, and what it signed with it; if it is the one that signs, the next takes over at once. Throws `not_found`,
   * `store_failed`, and `options_invalid` for a configured key.
   */
  revoke(kid: string): Promise<void>
  /** Every key of the ring, for operators. Throws `store_failed`. */
  list(): Promise<readonly KeyInfo[]>
  /** Loads the ring, or makes the first one. Throws `options_invalid` when no secret opens it. */
  open(): Promise<void>
  /** Learns from the feed which version of the ring stands. */
  noticed(ringVersion: number): void
}

export interface KeyringParts {
  readonly store: KeyStore
  readonly secrets: ServerSecrets
  /** Of keys made from now on; those in the ring keep theirs. */
  readonly algorithm: Algorithm
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  readonly pause?: UnknownNamesParts['pause']
  /** The longest life of any token that the ring signs. */
  readonly longestSeconds: number
  /** How long caches may keep the JWKS. Default 300. */
  readonly jwksSeconds?: number
  /** How long a key signs. Default 90 days. */
  readonly activeSeconds?: number
  /** The id of the issuer row that the keys belong to. */
  readonly row: string
  /** Whether the log says that a key was revoked, whatever the ring says. */
  readonly isRevoked?: (kid: string) => boolean
  /** Learns when another key than before signs in this process. */
  readonly rotated?: (kid: string) => void
}

const DAY = 86_400

export function createKeyring(parts: KeyringParts): Keyring {
  const { clock, longestSeconds, rotated, isRevoked = () => false } = parts
  const { monotonic = () => performance.now() / 1000 } = parts
  const times = {
    longestSeconds,
    activeSeconds: parts.activeSeconds ?? 90 * DAY,
    standbySeconds: (parts.jwksSeconds ?? 300) + CONFIRMED_SECONDS,
  }
  const sealed = createSealedRing({ ...parts, times })
  const changes = createChanges({ ...parts, times, isRevoked })
  const held = createHeldRing({ clock, monotonic, rotated })
  const unknown = createUnknownNames({
    read: () => inTurn(() => update()),
    isKnown: (kid) => held.keys().has(kid),
    monotonic,
    pause: parts.pause,
  })
  const flight = once<'refresh', void>()
  let lastTurn: Promise<unknown> = Promise.resolve()
  let refreshedAt = Number.NEGATIVE_INFINITY
  let reloading: Promise<void> | undefined

  return {
    get generation() {
      return held.generation
    },
    get usableUntil() {
      return held.usableUntil
    },
    find,
    signer,
    jwks,
    rotate,
    revoke,
    list,
    open: refresh,
    noticed,
  }

  function find(kid: string | undefined, alg: string): Key | undefined | Promise<Key | undefined> {
    // Every token of the ring names its key.
    if (kid === undefined) return undefined
    // The feed says that another ring stands: a key may have been revoked, so nobody is judged by the old one.
    return reloading ? reloading.then(() => foundSoon(kid, alg)) : foundSoon(kid, alg)
  }

  function foundSoon(kid: string, alg: string): Key | undefined | Promise<Key | undefined> {
    if (held.keys().has(kid)) return known(kid, alg)
    // Another process may have made the key since; if it was revoked, nobody needs to look.
    return isRevoked(kid) ? undefined : unknown.look(kid)?.then(() => known(kid, alg))
  }

  function known(kid: string, alg: string): Key | undefined {
    const key = held.keys().get(kid)
    return key?.alg === alg ? key : undefined
  }

  function signer(): Key | Promise<Key> {
    const age = held.age()
    if (age > CONFIRMED_SECONDS) return confirmed()
    // Ahead of time, so that nobody waits; when it fails there is time to try again.
    if (age > CONFIRMED_SECONDS / 2) refreshSoon()
    return signing() ?? confirmed()
  }

  async function confirmed(): Promise<Key> {
    await refresh()
    return signing() ?? nobody()
  }

  /** Whoever heard of the end of a key before the ring was read signs nothing with it: that would be dead. */
  function signing(): Key | undefined {
    const key = held.signer()
    return key?.kid !== undefined && isRevoked(key.kid) ? undefined : key
  }

  async function jwks(): Promise<{ readonly keys: readonly JsonWebKey[] }> {
    if (held.age() > CONFIRMED_SECONDS) {
      // While the store is away the last ring will do: every date in it still holds.
      await refresh().catch((error: unknown) => {
        if (!held.stored) throw error
      })
    }
    return { keys: [...held.keys().values()].map(publicJwk).filter((jwk) => jwk !== undefined) }
  }

  async function rotate({ emergency = false }: { readonly emergency?: boolean } = {}): Promise<Key> {
    const { ring } = await inTurn(() => update(emergency ? changes.ending() : changes.rotation))
    const key = emergency ? held.signer() : nextKey(ring, clock())?.key
    return key ?? nobody()
  }

  async function revoke(kid: string): Promise<void> {
    await refresh()
    if (!held.stored?.ring.some(({ key }) => key.kid === kid)) throw new AuthError('not_found')
    await inTurn(() => update(changes.ending(kid)))
  }

  async function list(): Promise<readonly KeyInfo[]> {
    await refresh()
    const now = clock()
    const ring = held.stored?.ring ?? []
    return ring.flatMap((one) => {
      const { key, ...dates } = one
      const state = stateOf(ring, one, now)
      return state ? [{ kid: key.kid, alg: key.alg, state, ...dates }] : []
    })
  }

  function noticed(ringVersion: number): void {
    if (!held.stored || ringVersion === held.stored.version || reloading) return
    // Should it fail, the next read of the feed notices again; until then the ring at hand is the best there is.
    reloading = refresh()
      .catch(() => {})
      .finally(() => {
        reloading = undefined
      })
  }

  function refreshSoon(): void {
    if (monotonic() - refreshedAt < 1) return
    refreshedAt = monotonic()
    refresh().catch(() => {})
  }

  function refresh(): Promise<void> {
    return flight('refresh', async () => void (await inTurn(() => update())))
  }

  /** One after the other, so that what was read earlier never replaces what was read later. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = lastTurn.then(work)
    lastTurn = mine.catch(() => {})
    return mine
  }

  async function update(change: Change = changes.look): Promise<StoredRing> {
    const take = held.begin()
    const stored = await sealed.update(held.stored, change)
    take(stored)
    return stored
  }
}

function nobody(): never {
  throw new AuthError('store_failed', { hint: 'the ring has no key that may sign' })
}
