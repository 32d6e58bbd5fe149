/** The port of identities: who somebody at another issuer is here. */
import type { NewAccount } from './accounts.js'

/** Somebody at another issuer, and who that is here. */
export interface Identity {
  /** The id of the issuer's row. */
  readonly row: string
  /** Whom the issuer means. Compared by its bytes: never folded, trimmed or normalised. */
  readonly subject: string
  /** `null`: that user was deleted, and the identity stays out. */
  readonly userId: string | null
  readonly createdAt: number
}

/** Somebody who comes from elsewhere, with an account that nobody has yet. */
export interface Arrival {
  readonly subject: string
  readonly account: NewAccount
  /** Names; where there is no such group nobody joins it. */
  readonly groups: readonly string[]
}

/** The identity that stands, and whether this call made it. */
export interface Provisioned {
  readonly identity: Identity
  readonly created: boolean
}

/** The identities. An e-mail address or a user name is never one. */
export interface IdentityStore {
  /** The identity of exactly this row and subject, a tombstone too; `undefined` for somebody new. */
  find(row: string, subject: string): Promise<Identity | undefined>
  /**
   * One transaction, the identity first: makes the identity and the account, unless the identity stands already. Answers the
   * identity that stands, and whether this call made it. `'taken'`: the id, the user name or the e-mail address is another's,
   * and nothing was written.
   */
  provision(row: string, subject: string, account: NewAccount): Promise<Provisioned | 'taken'>
  /**
   * One transaction: as `provision` for each, in order; accounts that are made are in their groups at once. No epochs: nobody has a
   * token of an account that did not exist.
   */
  provisionAll(row: string, arrivals: readonly Arrival[]): Promise<readonly (Provisioned | 'taken')[]>
  /** Binds an identity to an account that exists; `false` where the identity stands already, a tombstone too, or the account does not. */
  link(row: string, subject: string, userId: string, at: number): Promise<boolean>
  /** Takes an identity from this user; nothing remains of it. `false` if it was not theirs. */
  unlink(row: string, subject: string, userId: string): Promise<boolean>
  /** Those of a user, by row and subject, ascending. */
  list(userId: string): Promise<readonly Identity[]>
}
