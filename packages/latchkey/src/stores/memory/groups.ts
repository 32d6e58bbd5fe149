/** Groups in memory. */
import { compareBytes } from '../order.js'
import type { Group, GroupStore } from '../port.js'
import { staleEpochs } from '../stamps.js'
import type { Accounts } from './accounts.js'
import type { Log } from './log.js'

/** What accounts need of the groups besides their port. */
export interface Groups extends GroupStore {
  /** The groups that somebody is in. */
  groupsOf(userId: string): readonly Group[]
  /** Takes a deleted user out of every group. */
  leaveAll(userId: string): void
  /** Makes somebody a member who has just come, and of whom there are no tokens. */
  joinNew(group: string, userId: string): void
}

interface GroupParts extends Pick<Accounts, 'has' | 'named'> {
  raise: Log['raise']
}

interface Row {
  readonly group: Group
  readonly userIds: Set<string>
}

export function createGroups({ has, named, raise }: GroupParts): Groups {
  const rows = new Map<string, Row>()
  return { create, find, list, change, remove, join, leave, members, groupsOf, leaveAll, joinNew }

  function joinNew(group: string, userId: string): void {
    rows.get(group)?.userIds.add(userId)
  }

  async function create(group: Group): Promise<boolean> {
    if (rows.has(group.name)) return false
    rows.set(group.name, { group: copyOf(group), userIds: new Set() })
    return true
  }

  async function find(name: string): Promise<Group | undefined> {
    const row = rows.get(name)
    return row && copyOf(row.group)
  }

  async function list(after: string, limit: number): Promise<readonly Group[]> {
    const later = [...rows.values()].map(({ group }) => group).filter(({ name }) => compareBytes(name, after) > 0)
    return later
      .sort((a, b) => compareBytes(a.name, b.name))
      .slice(0, limit)
      .map(copyOf)
  }

  async function change(name: string, permissions: readonly string[], expect: readonly string[], until: number) {
    const row = rows.get(name)
    if (!row || JSON.stringify(row.group.permissions) !== JSON.stringify(expect)) return false
    rows.set(name, { ...row, group: copyOf({ ...row.group, permissions }) })
    stale(row.userIds, until)
    return true
  }

  async function remove(name: string, until: number): Promise<boolean> {
    const row = rows.get(name)
    if (row) stale(row.userIds, until)
    return rows.delete(name)
  }

  async function join(name: string, userId: string, until: number): Promise<boolean> {
    const row = rows.get(name)
    if (!row || row.userIds.has(userId) || !has(userId)) return false
    row.userIds.add(userId)
    stale([userId], until)
    return true
  }

  async function leave(name: string, userId: string, until: number): Promise<boolean> {
    if (!rows.get(name)?.userIds.delete(userId)) return false
    stale([userId], until)
    return true
  }

  async function members(name: string, after: string, limit: number) {
    return named(rows.get(name)?.userIds ?? new Set(), after, limit)
  }

  function groupsOf(userId: string): readonly Group[] {
    return [...rows.values()].filter(({ userIds }) => userIds.has(userId)).map(({ group }) => group)
  }

  function leaveAll(userId: string): void {
    for (const { userIds } of rows.values()) userIds.delete(userId)
  }

  function stale(userIds: Iterable<string>, until: number): void {
    raise(staleEpochs([...userIds], until))
  }
}

// Name by name, so that a group from outside brings no member that no store keeps.
const copyOf = ({ name, permissions, createdAt }: Group): Group => ({ name, permissions: [...permissions], createdAt })
