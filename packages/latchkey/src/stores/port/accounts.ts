/** The ports of the users table: yours, and what our own gives besides. */

/** Who can sign in. The least that a users table of your own has to give. */
export interface User {
  readonly id: string
  /** `false` keeps a user out everywhere. Default true. */
  readonly active?: boolean
  /** All that the user may do, wildcards allowed: `posts:write`, `posts:*`. */
  readonly permissions?: readonly string[]
  /** The names of the groups that the user is in, for the guard `group`. */
  readonly groups?: readonly string[]
}

/** A user of our own table. */
export interface Account extends User {
  /** Canonical: NFKC, lower case. Unique. */
  readonly username: string
  readonly email: string | null
  readonly active: boolean
  readonly admin: boolean
  /** All that the user may do: what is `granted`, and what the groups may; each once. */
  readonly permissions: readonly string[]
  /** Of the permissions those that the user has without any group. */
  readonly granted: readonly string[]
  /** By their bytes, ascending. */
  readonly groups: readonly string[]
  readonly createdAt: number
  /** JSON: what another issuer said of the user, as far as its mapping allows it; `{}` for others. */
  readonly attributes: Readonly<Record<string, unknown>>
  /** Seconds: the last login that the store saw; `null` before the first. */
  readonly lastLoginAt: number | null
}

/**
 * An account as it is written: the permissions are those that are granted to it, and the hash goes in and comes out only through
 * `findByLogin`. `null`: no password login.
 */
export type NewAccount = Omit<Account, 'granted' | 'groups'> & { readonly passwordHash: string | null }

/** What may be changed of an account; its permissions are those that are granted to it. Attributes are replaced as a whole, and compared whatever the order of their members. */
export type AccountPatch = Partial<Omit<NewAccount, 'id' | 'createdAt' | 'lastLoginAt'>>

/** The users table, ours or yours. */
export interface UserStore<U extends User = User> {
  /** The user of that id, active or not; `undefined` if there is none. */
  findById(id: string): Promise<U | undefined>
  /** By user name (or whatever people log in with), already canonical for our own table, as typed for yours. */
  findByLogin(login: string): Promise<{ readonly user: U; readonly passwordHash: string | null } | undefined>
  /** Replaces a password hash if it still is `expect`; `false` when somebody was faster. Without it passwords cannot be changed here. */
  setPasswordHash?(id: string, hash: string, expect: string | null): Promise<boolean>
  /** Who somebody at another issuer is here. Without it no issuer's users are known. */
  readonly identities?: UserIdentities<U>
}

/** What another issuer says of a user, as far as its row allows. */
export interface SaidOfUser {
  /** What the user would like to be called. Never who they are: somebody here may have that name. */
  readonly username: string | undefined
  /** An address that the issuer verified. Never who they are. */
  readonly email: string | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** The names that the row keeps attributes by: one that stands here and not among `attributes` is no longer said. */
  readonly listed: readonly string[]
}

/** The identities of a users table: (issuer row, subject) is somebody, compared by bytes; a subject alone is nobody. */
export interface UserIdentities<U extends User = User> {
  /** The user; `'gone'` for one who was deleted and must not come back; `undefined` for somebody new. */
  find(row: string, subject: string): Promise<U | 'gone' | undefined>
  /** Makes the user, once: of many calls at a time one answers `created`. Without it nobody is made on the fly. */
  create?(
    row: string,
    subject: string,
    said: SaidOfUser,
  ): Promise<{ readonly user: U; readonly created: boolean } | 'gone'>
  /** Keeps what is said now, where that differs. */
  describe?(user: U, said: SaidOfUser): Promise<void>
  /** Notes a login of that second; `true` for the one who noted it first. */
  signedIn?(id: string, at: number): Promise<boolean>
}

/** Our own users table: what the command line, registration and the first start need besides. */
export interface AccountStore extends UserStore<Account> {
  setPasswordHash(id: string, hash: string, expect: string | null): Promise<boolean>
  /** `false` when the id, the user name or the e-mail address is taken. */
  create(account: NewAccount): Promise<boolean>
  /** One statement: changes the row where every member of `expect` still holds. `false` when none did, when the new name or address is taken, or when no active administrator would be left. */
  change(id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean>
  /** One statement: the last login is `at` where there was none or an earlier one; `true` for the one who wrote. */
  signedIn(id: string, at: number): Promise<boolean>
  /** One transaction: deletes the account, takes it out of its groups, leaves its identities as tombstones, and revokes its API tokens with epochs that last a day. Its name and address are free again; ids are never used again. `false` if there is none, or if no active administrator would be left. */
  remove(id: string): Promise<boolean>
  /** By user name, ascending, after the given one. */
  list(after: string, limit: number): Promise<readonly Account[]>
  /** Makes the nonce of the first start, once for all processes; answers the one that stands and whether it was used. */
  offerBootstrap(nonce: string): Promise<{ readonly nonce: string; readonly used: boolean }>
  /** One transaction: uses the nonce and creates the account. `false` when it was used or is another; `'taken'` as `create`. */
  claimBootstrap(nonce: string, account: NewAccount): Promise<boolean | 'taken'>
}
