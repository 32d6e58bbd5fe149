/** What a database must do: the ports of the core. Security state changes by compare-and-set only, never by get-then-set. */
import type { AccountStore } from './port/accounts.js'
import type { ApiTokenStore } from './port/api-tokens.js'
import type { GroupStore } from './port/groups.js'
import type { IdentityStore } from './port/identities.js'
import type { KeySetStore } from './port/key-sets.js'

/** One commit order, from the store's counter row: `max(last + n, unix milliseconds)`. Below 2^53. */
export type Stamp = number

export { API_TOKEN_ROW, EVERYBODY, OWN_ROW } from '../util/own-row.js'
export type {
  Account,
  AccountPatch,
  AccountStore,
  NewAccount,
  SaidOfUser,
  User,
  UserIdentities,
  UserStore,
} from './port/accounts.js'
export type { ApiToken, ApiTokenStore } from './port/api-tokens.js'
export type { Group, GroupStore } from './port/groups.js'
export type { Arrival, Identity, IdentityStore, Provisioned } from './port/identities.js'
export type { KeySetStore } from './port/key-sets.js'

/** What an epoch ends. `permissions` makes tokens stale instead of dead: of one user, or of everybody where the key is empty. */
export type Scope = 'session' | 'user' | 'jti' | 'key' | 'everybody' | 'permissions'

/** "Everything of this before `stamp` is dead." The highest stamp of a (scope, row, key) wins. */
export interface Epoch {
  readonly scope: Scope
  /** The issuer row that the key belongs to: a bare `sub`, `sid` or `jti` is never a key. */
  readonly row: string
  readonly key: string
  readonly stamp: Stamp
  /** Seconds: when the last token and session that this concerns is dead anyway. */
  readonly until: number
}

/** An epoch as a writer states it; the store gives the stamp. */
export type NewEpoch = Omit<Epoch, 'stamp'>

/** One sign-in on one device; survives rotation (RFC texts: token family). */
export interface Session {
  /** The `sid` claim. */
  readonly id: string
  readonly userId: string
  /** Read before the credentials were looked at, so that a login which races a password change does not survive it. */
  readonly stamp: Stamp
  /** 256 random bits; with the server secret it authenticates the refresh tokens of this session. */
  readonly seed: string
  /** The only refresh token that is good now. */
  readonly generation: number
  /** The server secret that made the token of this generation. */
  readonly secretId: string
  /** The one that made the token before it; `null` while there was none. */
  readonly previousSecretId: string | null
  readonly rotatedAt: number
  readonly createdAt: number
  readonly authenticatedAt: number
  readonly lastSeenAt: number
  /** The absolute end, in seconds. */
  readonly expiresAt: number
  /** Ends this long after `lastSeenAt`. */
  readonly idleSeconds: number
  readonly endedAt: number | null
  /** Why: `logout`, `reuse`, `password`, `limit`, `revoked`, `disabled`, `deleted`. */
  readonly endedBy: string | null
  readonly device: string | null
  readonly address: string | null
  /** What the tokens of this session were granted (the `scope` claim), space-separated. */
  readonly scope: string | null
}

/** A session row in one snapshot with what decides over it. */
export interface FoundSession {
  readonly session: Session
  /** The counter now. */
  readonly stamp: Stamp
  /** True if an epoch of the session, its user or everybody is above `session.stamp`. */
  readonly dead: boolean
  /** The store's clock, in seconds: the only clock that grace is measured by. */
  readonly now: number
}

/** The sessions. */
export interface SessionStore {
  /** One transaction, serialised per user: insert, end the oldest beyond `limit` and raise their epochs; an account of our own table has been seen to log in at `createdAt`, never earlier than before. Answers the ended ids. Throws `conflict` for an id that exists. */
  create(session: Session, limit: number): Promise<readonly string[]>
  /** The row with what the store knows about it, of one snapshot; `undefined` if there is none. */
  find(id: string): Promise<FoundSession | undefined>
  /** One statement: generation -> + 1, `secretId` -> the given one and `previousSecretId` -> the one until now, `rotatedAt` and `lastSeenAt` -> the store's now, where generation matches and the session is neither ended, dead nor expired (absolute and idle). Of many callers exactly one gets `true`; `false` also means "ask again". */
  rotate(id: string, generation: number, secretId: string): Promise<boolean>
  /** Sets last seen to now, only if it is older than `notAfter`. */
  touch(id: string, notAfter: number): Promise<void>
  /** Living sessions of a user, newest first; ended, dead and expired ones left out. */
  list(userId: string): Promise<readonly Session[]>
  /** Deletes at most `limit` sessions that ended, or reached their absolute end, before `before`; answers how many. */
  prune(before: number, limit: number): Promise<number>
}

/** What was learnt by one read of the log. */
export interface LogRead {
  readonly epochs: readonly Epoch[]
  /** The counter as seen, also when nothing is new. */
  readonly head: Stamp
  /** The version of the keyring, so that it travels with the feed. */
  readonly ring: number
  readonly now: number
}

/** The log of everything that ended early, in the store's commit order. */
export interface RevocationLog {
  /** The counter now. */
  stamp(): Promise<Stamp>
  /** One transaction: end the session rows covered (with the reason), raise the epochs (max wins), the counter last. `spare`: a session that a `user` epoch must leave alive: its row's stamp is raised to the new one. */
  append(
    what: readonly NewEpoch[],
    because: string,
    spare?: string,
  ): Promise<{ readonly stamp: Stamp; readonly at: number }>
  /** One snapshot, in stamp order, above `after`. */
  since(after: Stamp, limit: number): Promise<LogRead>
  /** Deletes at most `limit` epochs whose `until` is before `before`; answers how many. */
  prune(before: number, limit: number): Promise<number>
}

/** Where the sealed ring of keys lies. */
export interface KeyStore {
  /** The ring and its version; `undefined` before the first one. */
  load(): Promise<{ readonly version: number; readonly sealed: string } | undefined>
  /** Compare-and-set on the version that is replaced, with the epochs of revoked keys, in one transaction. Version 0: only if none exists. */
  save(version: number, sealed: string, revoke: readonly NewEpoch[]): Promise<boolean>
  /** Makes ids of server secrets known, once each; answers since when (seconds) each is. The very first ever is known since 0. */
  announce(secretIds: readonly string[]): Promise<ReadonlyMap<string, number>>
}

/** So many attempts in so many seconds. */
export interface Budget {
  readonly points: number
  readonly seconds: number
}

/** A budget, and whose it is. */
export interface Charge extends Budget {
  readonly key: string
}

/** Where attempts are counted. Shared between processes when it lives in a database. */
export interface LimitStore {
  /** Takes a point of every key, or of none: answers 0, or the seconds until all of them would have one. Atomic. */
  consume(charges: readonly Charge[], now: number): Promise<number>
  /** Gives a point of every key back. */
  reward(charges: readonly Charge[], now: number): Promise<void>
}

/** Says that the log may have news, so that nobody has to wait for the next read. It may fail at any time, and what it says is never believed. */
export interface Wake {
  /** Calls back whenever there may be news, also when a lost connection is back. Does not throw; answers how to stop. */
  listen(wake: () => void): Promise<() => void>
}

/** Everything that one database gives. */
export interface Stores {
  readonly users: AccountStore
  readonly groups: GroupStore
  readonly sessions: SessionStore
  readonly revocations: RevocationLog
  readonly keys: KeyStore
  readonly identities: IdentityStore
  readonly apiTokens: ApiTokenStore
  readonly keySets: KeySetStore
  /** Without it the log is read at intervals only. */
  readonly wake?: Wake | undefined
  /** Without it every process counts attempts for itself. */
  readonly limits?: LimitStore | undefined
  /** Opens and migrates. Idempotent; two processes may do it at once. */
  open(): Promise<void>
  /** Lets go of the database. */
  close(): Promise<void>
}
