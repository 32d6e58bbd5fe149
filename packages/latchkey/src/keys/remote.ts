/** Somebody else's keys, fetched and kept so that they survive bad days: one request at a time, few of them, and the last good set for a while. */
import { AuthError } from '../errors.js'
import type { Algorithm } from '../jwt/algorithms.js'
import type { JwkSet } from '../jwt/jwks.js'
import type { Key } from '../jwt/key.js'
import type { KeySetStore } from '../stores/port.js'
import { createCache } from '../util/cache.js'
import type { Clock } from '../util/time.js'
import { permitted } from './addresses.js'
import { createJsonFetch, type FetchJson } from './fetch.js'
import type { KeySource } from './keyring.js'
import { createHeldSet, type Moment } from './remote/held-set.js'
import { createInquiry, heard } from './remote/inquiry.js'
import type { KnownKey } from './remote/key-set.js'
import type { SavedMac } from './remote/mac.js'
import { createSavedSet } from './remote/saved.js'
import { checkSource, createKeyLooks, type Look, type RemoteSource } from './remote/source.js'

/** Keys of an issuer that is not us. */
export interface ExternalKeys extends KeySource {
  /** RFC 7638 thumbprints of the keys that are known now: two issuers may share a key only if both name themselves in `iss`. */
  thumbprints(): readonly string[]
  /** The keys that are usable now. */
  known(): readonly KnownKey[]
}

/** What operators may know about the keys of an issuer. */
export interface RemoteKeysState {
  /** Where the keys were found last; unknown before the description of the issuer was read. */
  readonly url: string | undefined
  /** Seconds: when the set in use was asked for, by this process or by the one that saved it. */
  readonly fetchedAt: number | undefined
  readonly keys: readonly KnownKey[]
  /** Keys of that set which are not used, and why. */
  readonly refused: JwkSet['refused']
  /** Seconds: when the next token makes us look again. */
  readonly nextFetch: number
  /** Why the last look failed; `undefined` if it did not. */
  readonly lastError: string | undefined
}

/** Keys that are fetched from their issuer, and looked after. */
export interface RemoteKeys extends ExternalKeys {
  /** Looks now, cool-down or not. Throws `issuer_unreachable`. */
  refresh(): Promise<RemoteKeysState>
  /** Forgets every key, here and in the store, at once; the next token makes us look. */
  purge(): Promise<void>
  /** Ends what is under way. What is known stays usable for its time; nothing is fetched any more. */
  close(): Promise<void>
  /** How the keys fare, without a look at the issuer. */
  state(): RemoteKeysState
}

export interface RemoteKeysParts {
  /** The id of the issuer row. */
  readonly row: string
  readonly issuer: string | undefined
  readonly source: RemoteSource
  /** What the row pins; a key gets the one of these that it names, or that fits it. */
  readonly algorithms: readonly Algorithm[]
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  readonly allowPrivate: boolean
  readonly allowHttp: boolean
  /** Without it a process that starts during an outage knows no keys. */
  readonly saved?: { readonly store: KeySetStore; readonly mac: SavedMac } | undefined
  /** Learns of every look that failed, and of a store that does not answer. */
  readonly failed: (error: AuthError) => void
  readonly fetchJson?: FetchJson | undefined
  /** The longest a set is used without another look, in seconds, whatever the issuer says. 60 to 86400, default 600. */
  readonly maxAge?: number
  /** How much longer it is used while the issuer does not answer. Default 3600. */
  readonly maxStale?: number
  /** For one look, everything together. Default 5. */
  readonly lookSeconds?: number
}

/** A name that was not there is not asked for again this long: an issuer may publish a key a little later than it signs with it. */
const ABSENT_SECONDS = 120
const LEAST_AGE = 60
/** A saved set from further in the future was saved by a clock that was wrong. */
const AHEAD_SECONDS = 300

/** Opens nothing. Throws `options_invalid` for a source that would never be fetched. */
export function createRemoteKeys(parts: RemoteKeysParts): RemoteKeys {
  const { row, clock, maxAge = 600, maxStale = 3_600, lookSeconds = 5 } = parts
  const { monotonic = () => performance.now() / 1000 } = parts
  checkSource(parts, { permits: permitted(parts.allowPrivate), allowHttp: parts.allowHttp })
  const failed = heard(parts.failed)
  const algorithms = [...parts.algorithms]
  const pinned: ReadonlySet<string> = new Set(algorithms)
  const looks = createKeyLooks({ ...parts, algorithms, monotonic, fetchJson: parts.fetchJson ?? fetchFor(parts) })
  const saved = parts.saved && createSavedSet({ ...parts, ...parts.saved, algorithms, failed })
  const held = createHeldSet({ clock, monotonic, maxStale })
  const inquiry = createInquiry({ ask, take, failed: fail, name: row, seconds: lookSeconds, clock, monotonic })
  const absent = createCache<string, number>(1_000)
  let purges = 0
  let restoring: Promise<void> | undefined
  let latest: { readonly at: number; readonly url: string; readonly refused: JwkSet['refused'] } | undefined

  return {
    get generation() {
      return held.generation
    },
    get usableUntil() {
      return held.usableUntil
    },
    find,
    thumbprints: () => held.set?.thumbprints ?? [],
    known: () => held.set?.known ?? [],
    refresh,
    purge,
    close,
    state,
  }

  function find(kid: string | undefined, alg: string): Key | undefined | Promise<Key | undefined> {
    if (!pinned.has(alg)) return undefined
    const stage = held.stage()
    if (stage === 'fresh') return known(kid, alg)
    if (!isUsable(stage)) return afterLooking(kid, alg)
    void inquiry.soon()
    return known(kid, alg)
  }

  /** An old set is good enough only where the issuer was asked for a newer one and did not answer. */
  function isUsable(stage = held.stage()): boolean {
    return stage === 'fresh' || stage === 'due' || (stage === 'old' && inquiry.failure !== undefined)
  }

  function known(kid: string | undefined, alg: string): Key | undefined | Promise<Key | undefined> {
    return held.find(kid, alg) ?? unknown(kid, alg)
  }

  /** The issuer may have a new key; but whoever invents names makes us ask no more often than once in the cool-down. */
  function unknown(kid: string | undefined, alg: string): undefined | Promise<Key | undefined> {
    const gone = absent.get(nameOf(kid, alg))
    if (gone !== undefined && monotonic() - gone < ABSENT_SECONDS) return undefined
    if (inquiry.failure !== undefined) {
      void inquiry.soon()
      // Nobody can tell whether this key exists, so nobody says that the token is bad.
      return Promise.reject(unreachable())
    }
    return inquiry.isAsking || inquiry.coolDown() === 0 ? asking(kid, alg) : undefined
  }

  async function asking(kid: string | undefined, alg: string): Promise<Key | undefined> {
    await inquiry.soon()
    if (inquiry.failure !== undefined || held.set === undefined)
      return held.find(kid, alg) ?? Promise.reject(unreachable())
    return answered(kid, alg)
  }

  async function afterLooking(kid: string | undefined, alg: string): Promise<Key | undefined> {
    restoring ??= restore()
    await restoring
    const before = inquiry.answers
    // The second time for those whose request was overtaken by a purge.
    for (let time = 0; time < 2 && !isUsable(); time++) await inquiry.soon()
    if (!isUsable()) throw unreachable()
    return inquiry.answers > before ? answered(kid, alg) : known(kid, alg)
  }

  /** By a set that the issuer gave just now. */
  function answered(kid: string | undefined, alg: string): Key | undefined {
    const key = held.find(kid, alg)
    if (key === undefined) absent.set(nameOf(kid, alg), monotonic())
    return key
  }

  /** The set of an earlier process, as old as it is. */
  async function restore(): Promise<void> {
    const before = purges
    const look = await saved?.load()
    const now = clock()
    if (look === undefined || held.set !== undefined || purges > before || look.at > now + AHEAD_SECONDS) return
    const at = Math.min(look.at, now)
    latest = { at, url: look.url, refused: [] }
    held.take(look.set, { wall: at, monotonic: monotonic() - (now - at) }, clamp(look.maxAge))
  }

  function ask(signal: AbortSignal): Promise<Look> {
    held.asking(lookSeconds)
    return looks.look(signal)
  }

  function take(found: Look, asked: Moment): void {
    const age = clamp(found.maxAge ?? maxAge)
    latest = { at: asked.wall, url: found.url, refused: found.refused }
    held.take(found.set, asked, age)
    saved?.save({ ...found, at: asked.wall, maxAge: age })
  }

  function fail(error: AuthError): void {
    held.failed(monotonic() + inquiry.coolDown())
    failed(error)
  }

  async function refresh(): Promise<RemoteKeysState> {
    await inquiry.now()
    await saved?.settled()
    if (inquiry.failure !== undefined) throw unreachable()
    return state()
  }

  async function purge(): Promise<void> {
    purges++
    inquiry.forget()
    looks.forget()
    restoring = Promise.resolve()
    latest = undefined
    absent.clear()
    held.drop()
    saved?.forget(clock())
    await saved?.settled()
  }

  async function close(): Promise<void> {
    await inquiry.close()
    await saved?.settled()
  }

  function state(): RemoteKeysState {
    return {
      url: looks.url ?? latest?.url,
      fetchedAt: latest?.at,
      keys: held.set?.known ?? [],
      refused: latest?.refused ?? [],
      nextFetch: Math.max(held.usableUntil, clock() + inquiry.coolDown()),
      lastError: inquiry.failure?.hint,
    }
  }

  function clamp(seconds: number): number {
    return Math.min(Math.max(seconds, LEAST_AGE), maxAge)
  }

  /** One for each caller: what was said about one request is kept beside its error. */
  function unreachable(): AuthError {
    const { hint = `issuer ${row}: its keys are not known`, cause } = inquiry.failure ?? {}
    const retryAfter = Math.max(1, Math.ceil(inquiry.coolDown()))
    return new AuthError('issuer_unreachable', { reason: 'issuer_unavailable', retryAfter, hint, cause })
  }
}

const nameOf = (kid: string | undefined, alg: string): string => `${alg} ${kid ?? ''}`

const fetchFor = ({ allowPrivate, allowHttp, lookSeconds = 5 }: RemoteKeysParts): FetchJson =>
  createJsonFetch({ permits: permitted(allowPrivate), allowHttp, seconds: lookSeconds })
