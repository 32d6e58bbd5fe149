/** The part of the composition that knows people: the users table, passwords, the login, the first administrator. */
import type { Events } from './events.js'
import type { ServerSecrets } from './keys/seal.js'
import type { Settings } from './options.js'
import type { Stores, User, UserStore } from './stores/port.js'
import type { Endings } from './tokens/endings.js'
import { type Accounts, createAccounts } from './users/accounts.js'
import { type Bootstrap, createBootstrap } from './users/bootstrap.js'
import { createGroups, type Groups } from './users/groups.js'
import { createImport } from './users/import.js'
import { createLinks, type Identities } from './users/links.js'
import { createLogin, type Login, passwords } from './users/login.js'
import { type ChangePassword, createOwnTable } from './users/own-table.js'
import { createHasher } from './users/passwords.js'
import { createThrottle } from './users/throttle.js'

export interface People<U extends User> {
  /** What the application gets as `auth.users`: our accounts, or its own table back. */
  readonly table: Accounts | UserStore<U>
  /** Absent where the users table is the application's own. */
  readonly accounts: Accounts | undefined
  readonly login: Login<U>
  /** Absent where passwords cannot be changed here. */
  readonly changePassword: ChangePassword<U> | undefined
  readonly bootstrap: Bootstrap | undefined
  /** Absent where the users table is the application's own. */
  readonly identities: Identities | undefined
  /** Absent where the users table is the application's own. */
  readonly groups: Groups | undefined
}

export function createPeople<U extends User, C extends object>(
  settings: Settings<U, C>,
  users: UserStore<U>,
  stores: Stores,
  events: Events,
  endings: Endings,
  secrets: ServerSecrets,
): People<U> {
  const { options, clock } = settings
  const hasher = createHasher({ workers: options.passwordWorkers })
  const throttle = createThrottle({ clock, ...options.throttle, limits: stores.limits })
  const shared = { hasher, throttle, events, end: endings.user }
  const methods = options.login ?? [passwords<U>()]
  const login = createLogin<U>({ ...shared, users, methods, canonical: options.users === undefined })
  if (options.users) {
    return {
      table: users,
      accounts: undefined,
      login,
      changePassword: createOwnTable({ ...shared, users }),
      bootstrap: undefined,
      identities: undefined,
      groups: undefined,
    }
  }
  const arrivals = createImport({ identities: stores.identities, users: stores.users, hasher, clock })
  const accounts = { ...createAccounts({ ...shared, store: stores.users, clock, stale: endings.stale }), ...arrivals }
  const bootstrap = createBootstrap({
    store: stores.users,
    subkey: secrets.all[0]?.subkey('bootstrap') as Buffer,
    hasher,
    clock,
    events,
  })
  const changePassword: ChangePassword<U> = (user, current, next, spare) =>
    accounts.changePassword(user.id, current, next, spare)
  const identities = createLinks({ identities: stores.identities, users: stores.users, stale: endings.stale, clock })
  const { staleUntil: until, over: pull } = endings
  const groups = createGroups({ store: stores.groups, users: stores.users, clock, until, pull })
  return { table: accounts, accounts, login, changePassword, bootstrap, identities, groups }
}
