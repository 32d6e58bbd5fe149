/** What the client needs of a browser: a page's `globalThis` has it all, and whatever is missing the client does without. */

/** The part of `globalThis` that is used, so that tests can be several tabs at once and servers can render without a page. */
export interface Browser {
  readonly location?: { readonly href: string }
  readonly document?: { readonly cookie: string; readonly baseURI: string }
  readonly navigator?: { readonly locks?: Locks }
  readonly localStorage?: Keys
  readonly BroadcastChannel?: new (name: string) => Channel
  readonly addEventListener?: (type: string, listener: (event: StorageNews) => void) => void
  readonly setTimeout: (work: () => void, milliseconds: number) => unknown
  readonly AbortSignal: { timeout(milliseconds: number): AbortSignal }
  readonly Date: { now(): number }
  readonly Math: { random(): number }
  readonly reportError?: (error: unknown) => void
  readonly fetch: (request: Request) => Promise<Response>
}

/** Web Locks. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>
}

/** As much of `localStorage` as is used. */
export interface Keys {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** As much of a `BroadcastChannel` as is used. */
export interface Channel {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(text: string): void
}

/** As much of a `StorageEvent` as is used. */
export interface StorageNews {
  readonly key?: string | null
  readonly newValue?: string | null
}

/** Whole and broken seconds since the epoch, by the clock of this machine, which may be wrong. */
export const secondsOf = (browser: Browser): number => browser.Date.now() / 1000

/** Does something with the storage; `undefined` where a browser has none, or throws because it forbids to look at it. */
export function inStorage<T>(browser: Browser, work: (keys: Keys) => T): T | undefined {
  try {
    return browser.location && work(browser.localStorage as Keys)
  } catch {
    return undefined
  }
}
