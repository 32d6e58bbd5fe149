/** What a database must do: the ports of the core. Security state changes by compare-and-set only, never by get-then-set. */

/** One commit order, from the store's counter row: `max(last + n, unix milliseconds)`. Below 2^53. */
export type Stamp = number

export { OWN_ROW } from '../util/own-row.js'

/** What an epoch ends. `permissions` makes tokens stale instead of dead. */
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

/** Who can sign in. The least that a users table of your own has to give. */
export interface User {
  readonly id: string
  /** `false` keeps a user out everywhere. Default true. */
  readonly active?: boolean
  /** What the user may do, wildcards allowed: `posts:write`, `posts:*`. */
  readonly permissions?: readonly string[]
}

/** A user of our own table. */
export interface Account extends User {
  /** Canonical: NFKC, lower case. Unique. */
  readonly username: string
  readonly email: string | null
  readonly active: boolean
  readonly admin: boolean
  readonly permissions: readonly string[]
  readonly createdAt: number
}

/** An account as it is written: the hash goes in and comes out only through `findByLogin`. `null`: no password login. */
export type NewAccount = Account & { readonly passwordHash: string | null }

/** What may be changed of an account. */
export type AccountPatch = Partial<Omit<NewAccount, 'id' | 'createdAt'>>

/** The users table, ours or yours. */
export interface UserStore<U extends User = User> {
  /** The user of that id, active or not; `undefined` if there is none. */
  findById(id: string): Promise<U | undefined>
  /** By user name (or whatever people log in with), already canonical for our own table, as typed for yours. */
  findByLogin(login: string): Promise<{ readonly user: U; readonly passwordHash: string | null } | undefined>
  /** Replaces a password hash if it still is `expect`; `false` when somebody was faster. Without it passwords cannot be changed here. */
  setPasswordHash?(id: string, hash: string, expect: string | null): Promise<boolean>
}

/** Our own users table: what the command line, registration and the first start need besides. */
export interface AccountStore extends UserStore<Account> {
  setPasswordHash(id: string, hash: string, expect: string | null): Promise<boolean>
  /** `false` when the id, the user name or the e-mail address is taken. */
  create(account: NewAccount): Promise<boolean>
  /** One statement: changes the row where every member of `expect` still holds. `false` when none did, when the new name or address is taken, or when no active administrator would be left. */
  change(id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean>
  /** By user name, ascending, after the given one. */
  list(after: string, limit: number): Promise<readonly Account[]>
  /** Makes the nonce of the first start, once for all processes; answers the one that stands and whether it was used. */
  offerBootstrap(nonce: string): Promise<{ readonly nonce: string; readonly used: boolean }>
  /** One transaction: uses the nonce and creates the account. `false` when it was used or is another; `'taken'` as `create`. */
  claimBootstrap(nonce: string, account: NewAccount): Promise<boolean | 'taken'>
}

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
  readonly rotatedAt: number
  readonly createdAt: number
  readonly authenticatedAt: number
  readonly lastSeenAt: number
  /** The absolute end, in seconds. */
  readonly expiresAt: number
  /** Ends this long after `lastSeenAt`. */
  readonly idleSeconds: number
  readonly endedAt: number | null
  /** Why: `logout`, `reuse`, `password`, `limit`, `revoked`, `disabled`. */
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
  /** One transaction, serialised per user: insert, end the oldest beyond `limit` and raise their epochs. Answers the ended ids. Throws `conflict` for an id that exists. */
  create(session: Session, limit: number): Promise<readonly string[]>
  /** The row with what the store knows about it, of one snapshot; `undefined` if there is none. */
  find(id: string): Promise<FoundSession | undefined>
  /** One statement: generation -> + 1, `rotatedAt` and `lastSeenAt` -> the store's now, where generation matches and the session is neither ended, dead nor expired (absolute and idle). Of many callers exactly one gets `true`; `false` also means "ask again". */
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
  readonly sessions: SessionStore
  readonly revocations: RevocationLog
  readonly keys: KeyStore
  /** Without it the log is read at intervals only. */
  readonly wake?: Wake | undefined
  /** Without it every process counts attempts for itself. */
  readonly limits?: LimitStore | undefined
  /** Opens and migrates. Idempotent; two processes may do it at once. */
  open(): Promise<void>
  /** Lets go of the database. */
  close(): Promise<void>
}
