/** What the tests of other issuers' keys share: sets with names, clocks set by hand, a store that can be away, answers that are decided later. */
import { generateKey, type Key, publicJwk } from '../../../src/jwt/key.js'
import type { Fetched } from '../../../src/keys/fetch.js'
import { savedMac } from '../../../src/keys/remote/mac.js'
import { createRemoteKeys, type RemoteKeys, type RemoteKeysParts } from '../../../src/keys/remote.js'
import { serverSecrets } from '../../../src/keys/seal.js'
import type { KeySetStore } from '../../../src/stores/port.js'
import { type FakeClock, fakeClock, SECRET } from '../fixtures.js'

/** Keys of the fast kind, made once for a test file. */
export const named = (kid: string): Key => Object.freeze({ ...generateKey('ES256'), kid })

export const setOf = (...keys: readonly Key[]): { readonly keys: readonly object[] } => ({
  keys: keys.map((key) => publicJwk(key) ?? {}),
})

/** A fetch in the hands of a test: what it answers now, and what it was asked for. */
interface FakeFetch {
  (url: string): Promise<Fetched>
  answer: (url: string) => unknown
  maxAge: number | undefined
  readonly urls: string[]
}

function fakeFetch(answer: (url: string) => unknown): FakeFetch {
  const parts: Pick<FakeFetch, 'answer' | 'maxAge' | 'urls'> = { answer, maxAge: undefined, urls: [] }
  const fetch: FakeFetch = Object.assign(async (url: string): Promise<Fetched> => {
    fetch.urls.push(url)
    return { value: await fetch.answer(url), maxAge: fetch.maxAge }
  }, parts)
  return fetch
}

export const down = (): never => {
  throw new Error('connect ECONNREFUSED')
}

/** A promise that a test settles. */
export function later<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const URL_OF_KEYS = 'https://login.example/jwks.json'

export interface Remote {
  readonly keys: RemoteKeys
  readonly clock: FakeClock
  readonly fetch: FakeFetch
  /** The hints of everything that was reported. */
  readonly reports: string[]
  /** Another process with the same store, clock and issuer. */
  again(parts?: Partial<RemoteKeysParts>): Remote
}

/** The keys of an issuer that answers as `answer` says. Both clocks are the one that the test sets. */
export function remote(answer: (url: string) => unknown, parts: Partial<RemoteKeysParts> = {}): Remote {
  const clock = (parts.clock as FakeClock | undefined) ?? fakeClock()
  const fetch = fakeFetch(answer)
  const reports: string[] = []
  const all: RemoteKeysParts = {
    row: 'login',
    issuer: 'https://login.example',
    source: { jwksUrl: URL_OF_KEYS },
    algorithms: ['ES256', 'RS256'],
    clock,
    monotonic: clock,
    allowPrivate: false,
    allowHttp: false,
    failed: (error) => reports.push(error.hint ?? ''),
    fetchJson: fetch,
    ...parts,
  }
  const again = (more: Partial<RemoteKeysParts> = {}) => remote(fetch.answer, { ...parts, clock, ...more })
  return { keys: createRemoteKeys(all), clock, fetch, reports, again }
}

export interface FakeStore extends KeySetStore {
  readonly rows: Map<string, { text: string; at: number }>
  isDown: boolean
}

export function fakeStore(): FakeStore {
  const rows = new Map<string, { text: string; at: number }>()
  const up = () => {
    if (store.isDown) throw new Error('the store is away')
  }
  const store: FakeStore = {
    rows,
    isDown: false,
    load: async (row) => {
      up()
      return rows.get(row)
    },
    save: async (row, text, at) => {
      up()
      rows.set(row, { text, at })
    },
  }
  return store
}

/** A store with the MAC of a server secret. */
export function saved(store: KeySetStore, secret = SECRET): NonNullable<RemoteKeysParts['saved']> {
  return { store, mac: savedMac(serverSecrets([secret], fakeClock())) }
}
