/** A world for clients: virtual time in which everything takes a while, and what the tabs of one browser share. */
import type { Browser, Channel, Keys, StorageNews } from '../../src/client/browser.js'
import type { FakeServer } from './server.js'

/** What the browser of this world can do; tabs of one browser can all do the same. */
export interface Abilities {
  readonly locks: boolean
  readonly channels: boolean
  readonly storage: boolean
}

export const ABLE: Abilities = { locks: true, channels: true, storage: true }

export interface Cookie {
  readonly value: string
  readonly isReadable: boolean
  /** Milliseconds; absent: until the browser closes. */
  readonly until?: number
}

/** One browser with its tabs. `random` decides how long things take; `url` is the page that is open in all of them. */
export function createWorld({
  server,
  random = seeded(1),
  abilities = ABLE,
  url = 'https://app.example.com/shop/index.html',
}: {
  server: FakeServer
  random?: () => number
  abilities?: Abilities
  url?: string
}) {
  const timers: { at: number; work: () => void }[] = []
  const jar = new Map<string, Cookie>()
  const stored = new Map<string, string>()
  const tabs: Tab[] = []
  const queues = new Map<string, Promise<unknown>>()
  let thinking = 0
  const world = { now: 1_800_000_000_000, jar, stored, later, run, pass, openTab, cookieHeader, receive }
  server.world = world
  return world

  /** Does something when so many milliseconds have passed. */
  function later(milliseconds: number, work: () => void): void {
    timers.push({ at: world.now + milliseconds, work })
  }

  /** Lets time pass until a promise has settled; one that nothing would settle any more fails. */
  async function run<T>(promise: Promise<T>): Promise<T> {
    let isOpen = true
    const settle = (): void => {
      isOpen = false
    }
    promise.then(settle, settle)
    for (let idle = 0; idle < 3; ) {
      await turn()
      if (!isOpen) return promise
      idle = next(Number.POSITIVE_INFINITY) ? 0 : idle + 1
    }
    throw new Error('nothing will happen any more, and the promise is still open')
  }

  /** All promises that can go on without time passing go on: while a server thinks, time stands still. */
  async function turn(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve))
    while (thinking > 0)
  }

  /** Lets seconds pass, with everything that happens in them. */
  async function pass(seconds: number): Promise<void> {
    const end = world.now + seconds * 1000
    do await turn()
    while (next(end))
    world.now = end
  }

  function next(end: number): boolean {
    timers.sort((a, b) => a.at - b.at)
    const timer = timers[0]
    if (!timer || timer.at > end) return false
    timers.shift()
    world.now = Math.max(world.now, timer.at)
    timer.work()
    return true
  }

  function cookieHeader(isSeenByScript = false): string {
    for (const [name, { until }] of jar) if (until !== undefined && until <= world.now) jar.delete(name)
    const seen = [...jar].filter(([, cookie]) => cookie.isReadable || !isSeenByScript)
    return seen.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  /** Takes what a Set-Cookie header says. */
  function receive(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const age = attributes.find((one) => one.startsWith('Max-Age='))?.slice(8)
    const isReadable = !attributes.includes('HttpOnly')
    if (age === '0') jar.delete(name)
    else jar.set(name, { value, isReadable, ...(age && { until: world.now + Number(age) * 1000 }) })
  }

  /** `clock`: seconds that the machine's clock is wrong by. */
  function openTab({ clock = 0 } = {}): Tab {
    const listeners: { type: string; listener: (event: StorageNews) => void }[] = []
    const channels: FakeChannel[] = []
    const errors: unknown[] = []
    const storage: Keys = {
      getItem: (key) => stored.get(key) ?? null,
      setItem(key, newValue) {
        stored.set(key, newValue)
        for (const other of tabs) if (other !== tab) later(delay(), () => other.emit('storage', { key, newValue }))
      },
      removeItem: (key) => void stored.delete(key),
    }
    class FakeChannel implements Channel {
      hear: (event: { readonly data: unknown }) => void = () => {}
      constructor(readonly name: string) {
        channels.push(this)
      }
      addEventListener(_: 'message', listener: FakeChannel['hear']): void {
        this.hear = listener
      }
      postMessage(data: string): void {
        const all: Tab['channels'] = tabs.flatMap((one) => one.channels)
        for (const one of all) if (one !== this && one.name === this.name) later(delay(), () => one.hear({ data }))
      }
    }
    const browser: Browser = {
      location: { href: url },
      document: {
        baseURI: url,
        get cookie() {
          return cookieHeader(true)
        },
      },
      navigator: abilities.locks ? { locks: { request } } : {},
      get localStorage() {
        if (!abilities.storage) throw new DOMException('not here', 'SecurityError')
        return storage
      },
      ...(abilities.channels && { BroadcastChannel: FakeChannel }),
      addEventListener: (type, listener) => void listeners.push({ type, listener }),
      setTimeout: (work, milliseconds) => later(milliseconds, work),
      AbortSignal: { timeout },
      Date: { now: () => world.now + clock * 1000 },
      Math: { random },
      reportError: (error) => void errors.push(error),
      fetch: (request) => send(request),
    }
    const emit = (type: string, event: StorageNews = {}): void => {
      for (const one of listeners) if (one.type === type) one.listener(event)
    }
    const tab: Tab = { browser, channels, errors, emit }
    tabs.push(tab)
    return tab
  }

  async function request<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(name) ?? Promise.resolve()
    const own = before.then(() => wait()).then(work)
    queues.set(
      name,
      own.catch(() => {}),
    )
    return own
  }

  function timeout(milliseconds: number): AbortSignal {
    const controller = new AbortController()
    later(milliseconds, () => controller.abort(new DOMException('too late', 'TimeoutError')))
    return controller.signal
  }

  /** The network: a while there, a while back, and given up as soon as nobody waits any more. */
  function send(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) reject(request.signal.reason)
      request.signal.addEventListener('abort', () => reject(request.signal.reason))
      const answer = async (): Promise<void> => {
        const isHome = new URL(request.url).origin === new URL(url).origin
        const isCarried = request.credentials === 'include' || (isHome && request.credentials !== 'omit')
        thinking++
        const thought = server.answer(request, isCarried ? cookieHeader() : '')
        const response = await thought.finally(() => thinking--)
        await wait()
        if (response === 'stuck') return
        if (response instanceof Error) return reject(response)
        if (isCarried) for (const line of response.headers.getSetCookie()) receive(line)
        resolve(response)
      }
      void wait().then(answer).catch(reject)
    })
  }

  function wait(): Promise<void> {
    return new Promise((resolve) => later(delay(), resolve))
  }

  function delay(): number {
    return 1 + Math.floor(random() * 40)
  }
}

export type World = ReturnType<typeof createWorld>

export interface Tab {
  readonly browser: Browser
  /** Its ends of channels; taken out, they hear nothing any more. */
  readonly channels: { readonly name: string; hear(event: { readonly data: unknown }): void }[]
  /** What listeners threw. */
  readonly errors: unknown[]
  emit(type: string, event?: StorageNews): void
}

/** Numbers that look random and are the same in each run (Park and Miller). */
export function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
