/** Where users come from: another system's database, or what it wrote of it; read from beginning to end in bounded memory. */

/** A permission of Django: the model it is about, and its code name. */
export interface SourcePermission {
  readonly app: string
  readonly model: string
  readonly codename: string
}

export interface SourceGroup {
  readonly place: string
  readonly name: string
  readonly permissions: readonly SourcePermission[]
}

/** The fields that mean something here, as they were found: nothing has been looked at. */
export interface SourceUser {
  /** Where an operator finds the row: `line 17` or `pk 17`. */
  readonly place: string
  readonly id: unknown
  readonly username: unknown
  readonly email?: unknown
  readonly password?: unknown
  readonly active?: unknown
  readonly superuser?: unknown
  readonly staff?: unknown
  readonly firstName?: unknown
  readonly lastName?: unknown
  readonly joined?: unknown
  readonly lastLogin?: unknown
  readonly groups: readonly string[]
  readonly permissions: readonly SourcePermission[]
}

/** A refresh token that was ended before its time. */
export interface SourceToken {
  readonly place: string
  readonly jti: unknown
  readonly expires: unknown
}

/** Says what could not be taken, and why; never a password. Throws where the import is strict. */
export type Complain = (place: string, reason: string) => void

/** Each of its lists is read once, in this order. */
export interface Source {
  /** What `done` counts up to. */
  readonly size: number
  done(): number
  groups(): Promise<readonly SourceGroup[]>
  users(): AsyncIterable<SourceUser>
  blacklist(): AsyncIterable<SourceToken>
  close(): Promise<void>
}

/** What the tables, columns or models of a Django project are called. */
export interface SourceNames {
  /** `app.Model` of the user. */
  readonly userModel: string
  /** The table, where it is not the usual one of the model. */
  readonly userTable: string | undefined
  readonly usernameField: string
  readonly emailField: string
  /** What tokens name users by; the primary key where nothing is said. */
  readonly idField: string | undefined
}
