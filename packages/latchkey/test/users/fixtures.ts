/** What the tests of users share: a clock set by hand, a hasher that counts instead of hashing, a store in memory. */
import { createEvents, type EventMap, type EventName, type Events } from '../../src/events.js'
import { createAccounts as createStore } from '../../src/stores/memory/accounts.js'
import type { AccountStore, NewAccount } from '../../src/stores/port.js'
import type { RequestHead } from '../../src/transport/head.js'
import type { Hasher } from '../../src/users/passwords.js'

export const noPeer = { address: '192.0.2.1' }

export function fakeClock(now = 1_000_000): (() => number) & { now: number } {
  const clock = Object.assign(() => clock.now, { now })
  return clock
}

/** A hash is `hash(password)`, or `old(password)` if it is outdated. Every call is counted, also for nobody. */
export function countingHasher(): Hasher & { hashed: number; verified: number } {
  const counts = {
    hashed: 0,
    verified: 0,
    async hash(password: string) {
      counts.hashed += 1
      return `hash(${password})`
    },
    async verify(stored: string | null | undefined, password: string) {
      counts.verified += 1
      await new Promise(setImmediate)
      const ok = stored === `hash(${password})` || stored === `old(${password})`
      return { ok, outdated: ok && stored?.startsWith('old') === true }
    },
  }
  return counts
}

export const account = (username: string, more: Partial<NewAccount> = {}): NewAccount => ({
  id: `id-${username}`,
  username,
  email: null,
  active: true,
  admin: false,
  permissions: [],
  createdAt: 0,
  attributes: {},
  lastLoginAt: null,
  passwordHash: `hash(right horse)`,
  ...more,
})

export async function storeWith(...accounts: NewAccount[]): Promise<AccountStore> {
  const store = createStore()
  for (const one of accounts) await store.create(one)
  return store
}

export function headWith(headers: Record<string, string> = {}): RequestHead {
  return { method: 'POST', header: (name) => headers[name.toLowerCase()] }
}

/** Everything emitted, by name. */
export function recordedEvents(...names: EventName[]): { events: Events; seen: [EventName, EventMap[EventName]][] } {
  const events = createEvents()
  const seen: [EventName, EventMap[EventName]][] = []
  for (const name of names) events.on(name, (event) => void seen.push([name, event as EventMap[EventName]]))
  return { events, seen }
}

/** Listeners are called off the stack. */
export const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

export const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

/** 'ok', or the code of the error. */
export const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'ok', codeOf)
