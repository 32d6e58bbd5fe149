/** What the actors of the race share: the doors, the people and their sessions, and what is usual among them. */
import type { doorOf, Question } from './door.mjs'
import type { Access, Asked, History } from './history.js'

export type Door = ReturnType<typeof doorOf>
export type Answered = readonly [Asked, Awaited<ReturnType<Door>>['body']]

export interface Somebody {
  readonly id: string
  readonly username: string
  version: number
  /** Somebody is changing the password, or keeps the user out: one at a time, or nobody knows what stands. */
  busy: boolean
  /** Acknowledged permissions that nobody has begun to take. */
  readonly permissions: string[]
}

/** One session and what its owner has of it. */
export interface Held {
  readonly session: string
  readonly somebody: Somebody
  refresh: string
  access: Access
  readonly past: string[]
}

export interface Scene {
  readonly doors: readonly Door[]
  readonly people: readonly Somebody[]
  /** Every session that began. */
  readonly sessions: Held[]
  readonly history: History
  readonly chance: () => number
  /** Gives each new permission a name of its own. */
  next(): number
}

/** How often an actor does what, among a hundred or so. */
const HABITS = {
  refresh: 24,
  doubleClick: 8,
  use: 20,
  useThatOfAnother: 8,
  check: 12,
  login: 5,
  logout: 4,
  logoutEverywhere: 1,
  revokeSession: 3,
  revokeUser: 1,
  revokeToken: 3,
  presentOld: 1,
  changePassword: 2,
  setPassword: 1,
  keepOut: 1,
  grant: 5,
  take: 4,
}
export type Act = keyof typeof HABITS
export const DECK = Object.entries(HABITS).flatMap(([act, often]) => Array<Act>(often).fill(act as Act))

export const passwordOf = (username: string, version: number): string => `the good password ${version} of ${username}`

export const act = (name: string, ...given: readonly unknown[]): Question => ({ act: name, given })

export const claimsOf = (token: string): { sid: string; jti: string; permissions: readonly string[] } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

export const outcomeOf = (status: number): string =>
  ({ 200: 'ok', 204: 'ok', 401: 'refused', 409: 'conflict', 503: 'unavailable' })[status] ?? `status ${status}`
