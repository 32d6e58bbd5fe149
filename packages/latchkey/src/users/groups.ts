/** Groups of our own users table: what a group may, its members may, from the moment on that this is said. */
import { AuthError, type Problem } from '../errors.js'
import type { Account, Group, GroupStore } from '../stores/port.js'
import { checkPermissions, refuse } from './new-account.js'

/** The groups of our own users table, and who is in them. Every change counts at once, for tokens that were issued before, too. */
export interface Groups {
  /**
   * Makes a group. Throws `request_invalid` with the problems, and `conflict` where the name is taken.
   *
   * @example
   * ```ts
   * import { createAuth } from 'latchkey'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
   * const alice = await auth.users.byUsername('alice')
   * await auth.groups?.create('editors', ['posts:*'])
   * if (alice) await auth.groups?.join('editors', alice.id)
   * ```
   */
  create(name: string, permissions?: readonly string[]): Promise<Group>
  /** The group of exactly this name; `undefined` if there is none. */
  byName(name: string): Promise<Group | undefined>
  /** By name, ascending, after the given one; 100 by default. */
  list(after?: string, limit?: number): Promise<readonly Group[]>
  /** Deletes a group; its members lose what they have by it. Throws `not_found`. */
  remove(name: string): Promise<void>
  /** Gives permissions to a group. Throws `not_found`, `request_invalid`, and `conflict` where others change them all the time. */
  allow(name: string, permissions: readonly string[]): Promise<Group>
  /**
   * Takes permissions from a group; those that are not there do not matter. Members keep what they have without this group. Throws
   * as `allow` does.
   */
  deny(name: string, permissions: readonly string[]): Promise<Group>
  /** Makes a user a member. May be repeated. Throws `not_found` for a group or a user that there is not. */
  join(name: string, userId: string): Promise<void>
  /** Takes a user out of a group. May be repeated, and throws as `join` does. */
  leave(name: string, userId: string): Promise<void>
  /** The members by user name, ascending, after the given one; 100 by default. Throws `not_found`. */
  members(name: string, after?: string, limit?: number): Promise<readonly Account[]>
}

export interface GroupParts {
  readonly store: GroupStore
  readonly users: { findById(id: string): Promise<object | undefined> }
  readonly clock: () => number
  /** Until when the log must know of a change of permissions. */
  readonly until: () => number
  /** Lets this process learn what the store has just written, before anybody is answered. */
  readonly pull: () => Promise<void>
}

/** Makes the groups of a process. */
export function createGroups({ store, users, clock, until, pull }: GroupParts): Groups {
  return {
    create,
    byName: (name) => store.find(name),
    list: (after = '', limit = 100) => store.list(after, limit),
    remove,
    allow: (name, permissions) => permit(name, permissions, (now) => [...new Set([...now, ...permissions])]),
    deny: (name, permissions) => permit(name, permissions, (now) => now.filter((one) => !permissions.includes(one))),
    join: (name, userId) => member(name, userId, () => store.join(name, userId, until())),
    leave: (name, userId) => member(name, userId, () => store.leave(name, userId, until())),
    members,
  }

  async function create(name: string, permissions: readonly string[] = []): Promise<Group> {
    refuse([...checkGroupName(name), ...listed(permissions)])
    const group = { name, permissions: [...new Set(permissions)], createdAt: clock() }
    if (!(await store.create(group))) throw new AuthError('conflict')
    return group
  }

  async function remove(name: string): Promise<void> {
    const removed = await store.remove(name, until())
    // Also where nothing was done: another process may have done it, and this one must not let anybody in by what it knew before.
    await pull()
    if (!removed) throw new AuthError('not_found')
  }

  async function permit(
    name: string,
    named: readonly string[],
    next: (now: readonly string[]) => readonly string[],
  ): Promise<Group> {
    refuse(listed(named))
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const group = await found(name)
      const permissions = next(group.permissions)
      if (await store.change(name, permissions, group.permissions, until())) {
        await pull()
        return { ...group, permissions }
      }
    }
    throw new AuthError('conflict')
  }

  async function member(name: string, userId: string, act: () => Promise<boolean>): Promise<void> {
    const done = await act()
    await pull()
    if (done) return
    await found(name)
    if (!(await users.findById(userId))) throw new AuthError('not_found')
  }

  async function members(name: string, after = '', limit = 100): Promise<readonly Account[]> {
    await found(name)
    return await store.members(name, after, limit)
  }

  async function found(name: string): Promise<Group> {
    const group = await store.find(name)
    if (!group) throw new AuthError('not_found')
    return group
  }
}

/** A name has no ends that nobody sees: two groups that look alike are one too many. */
function checkGroupName(name: unknown): Problem[] {
  if (typeof name === 'string' && /^[^\p{C}]{1,150}$/u.test(name) && name.trim() === name) return []
  return [{ path: 'name', rule: 'format', message: 'Must be 1-150 characters, and none at its ends may be a space.' }]
}

function listed(permissions: unknown): Problem[] {
  if (Array.isArray(permissions)) return checkPermissions(permissions)
  return [{ path: 'permissions', rule: 'type', message: 'Must be a list.' }]
}
