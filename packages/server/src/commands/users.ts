/** `latchkey users`: add, list, disable, enable, delete, password, grant. */
import type { Account } from 'latchkey'
import { EXIT, failure } from '../cli/failure.js'
import { readPassword } from '../cli/password.js'
import { date, plain, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { ServerAuth } from '../config/open.js'

interface AddOptions {
  readonly email?: string
  readonly admin?: boolean
  readonly permission?: readonly string[]
  /** Commander's `--no-password`. */
  readonly password?: boolean
  readonly passwordStdin?: boolean
}

export async function addUser(task: Task<AddOptions>): Promise<Answer> {
  const { args, options } = task
  // Looked at before somebody types a password for nothing.
  task.config()
  const password = options.password === false ? undefined : await readPassword(task)
  const account = await withAuth(task, ({ users }) =>
    users.create({
      username: args[0] as string,
      password,
      email: options.email,
      admin: options.admin,
      permissions: options.permission,
    }),
  )
  return told(account, account.admin ? 'is an administrator now' : 'was added')
}

export async function listUsers(task: Task): Promise<Answer> {
  const accounts = await withAuth(task, ({ users }) => all(users))
  const rows = accounts.map((account) => [
    account.username,
    account.email ?? '',
    account.active ? 'active' : 'disabled',
    account.admin ? 'admin' : '',
    account.granted.join(' '),
    account.groups.join(', '),
    date(account.createdAt),
    date(account.lastLoginAt ?? undefined),
  ])
  const text = table(['USER', 'EMAIL', 'STATE', 'ROLE', 'PERMISSIONS', 'GROUPS', 'SINCE', 'LAST LOGIN'], rows)
  return { value: { users: accounts.map(view) }, text }
}

export const disableUser = (task: Task): Promise<Answer> =>
  change(task, 'is disabled, and every session has ended', async ({ users }, { id }) => users.disable(id))

export const enableUser = (task: Task): Promise<Answer> =>
  change(task, 'may log in again', async ({ users }, { id }) => users.enable(id))

export const deleteUser = (task: Task): Promise<Answer> =>
  change(task, 'is deleted, and every session has ended', async ({ users }, { id }) => users.remove(id))

export async function setPassword(task: Task<{ readonly passwordStdin?: boolean }>): Promise<Answer> {
  task.config()
  const password = await readPassword(task)
  return change(task, 'has a new password, and every session has ended', async ({ users }, { id }) =>
    users.setPassword(id, password),
  )
}

export async function grant(task: Task<{ readonly take?: boolean }>): Promise<Answer> {
  const [, ...permissions] = task.args
  const take = task.options.take === true
  return change(task, `${take ? 'lost' : 'has'} ${permissions.join(' ')}`, async ({ users }, { id }) => {
    await (take ? users.take(id, permissions) : users.grant(id, permissions))
  })
}

/** Does something to the user that the first argument names, and answers the user as it is then, or was. */
async function change(
  task: Pick<Task, 'args' | 'config' | 'io'>,
  what: string,
  act: (auth: ServerAuth, account: Account) => Promise<void>,
): Promise<Answer> {
  return withAuth(task, async (auth) => {
    const account = await found(auth, task.args[0] as string)
    await act(auth, account)
    return told((await auth.users.byId(account.id)) ?? account, what)
  })
}

/** The user of that name. Throws a failure of code `not_found`. */
export async function found({ users }: Pick<ServerAuth, 'users'>, username: string): Promise<Account> {
  const account = await users.byUsername(username)
  if (!account) throw failure(EXIT.failed, 'not_found', `There is no user called ${plain(username).slice(0, 64)}.`)
  return account
}

async function all(users: ServerAuth['users']): Promise<readonly Account[]> {
  const accounts: Account[] = []
  for (;;) {
    const page = await users.list(accounts.at(-1)?.username)
    if (page.length === 0) return accounts
    accounts.push(...page)
  }
}

const told = (account: Account, what: string): Answer => ({
  value: view(account),
  text: `${account.username} ${what}.\n`,
})

function view({ id, username, email, active, admin, permissions, granted, groups, ...facts }: Account): object {
  const { createdAt, lastLoginAt, attributes } = facts
  return { id, username, email, active, admin, permissions, granted, groups, createdAt, lastLoginAt, attributes }
}
