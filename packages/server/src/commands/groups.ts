/** `latchkey groups`: create, list, members, delete, allow, deny, add, remove. */
import type { Account, Group, Groups } from 'latchkey'
import { date, plain, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { ServerAuth } from '../config/open.js'
import { found } from './users.js'

export async function createGroup(task: Task<{ readonly permission?: readonly string[] }>): Promise<Answer> {
  const group = await withGroups(task, (groups) => groups.create(task.args[0] as string, task.options.permission))
  return told(group, 'was made')
}

export async function listGroups(task: Task): Promise<Answer> {
  const groups = await withGroups(task, (known) => all((last: Group | undefined) => known.list(last?.name)))
  const rows = groups.map(({ name, permissions, createdAt }) => [name, permissions.join(' '), date(createdAt)])
  return { value: { groups }, text: table(['GROUP', 'PERMISSIONS', 'SINCE'], rows) }
}

export async function listMembers(task: Task): Promise<Answer> {
  const name = task.args[0] as string
  const members = await withGroups(task, (groups) =>
    all((last: Account | undefined) => groups.members(name, last?.username)),
  )
  const rows = members.map(({ username, active }) => [username, active ? 'active' : 'disabled'])
  const value = { group: name, members: members.map(({ id, username, active }) => ({ id, username, active })) }
  return { value, text: table(['USER', 'STATE'], rows) }
}

export async function deleteGroup(task: Task): Promise<Answer> {
  const name = task.args[0] as string
  await withGroups(task, (groups) => groups.remove(name))
  return { value: { deleted: name }, text: `${plain(name)} is deleted, and nobody is in it any more.\n` }
}

export const allow = (task: Task): Promise<Answer> => permit(task, 'allow', 'has')

export const deny = (task: Task): Promise<Answer> => permit(task, 'deny', 'has no longer')

export const addMembers = (task: Task): Promise<Answer> => change(task, 'join', 'in')

export const removeMembers = (task: Task): Promise<Answer> => change(task, 'leave', 'no longer in')

async function permit(task: Task, what: 'allow' | 'deny', words: string): Promise<Answer> {
  const [name, ...permissions] = task.args as [string, ...string[]]
  const group = await withGroups(task, (groups) => groups[what](name, permissions))
  return told(group, `${words} ${permissions.join(' ')}`)
}

async function change(task: Task, what: 'join' | 'leave', words: string): Promise<Answer> {
  const [name, ...usernames] = task.args as [string, ...string[]]
  const accounts = await withGroups(task, async (groups, auth) => {
    // All of them before the first: a name that was misspelt leaves everything as it was.
    const members: Account[] = []
    for (const username of usernames) members.push(await found(auth, username))
    for (const { id } of members) await groups[what](name, id)
    return members
  })
  const names = accounts.map(({ username }) => username)
  const value = { group: name, users: accounts.map(({ id, username }) => ({ id, username })), member: what === 'join' }
  return { value, text: `${names.join(', ')}: ${words} ${plain(name)}.\n` }
}

const withGroups = <T>(task: Pick<Task, 'config' | 'io'>, work: (groups: Groups, auth: ServerAuth) => Promise<T>) =>
  // The server has no users table but ours.
  withAuth(task, (auth) => work(auth.groups as Groups, auth))

async function all<T>(pageAfter: (last: T | undefined) => Promise<readonly T[]>): Promise<readonly T[]> {
  const rows: T[] = []
  for (;;) {
    const page = await pageAfter(rows.at(-1))
    if (page.length === 0) return rows
    rows.push(...page)
  }
}

const told = (group: Group, what: string): Answer => ({ value: group, text: `${plain(group.name)} ${what}.\n` })
