/** The port of groups: permissions that many users have together. */
import type { Account } from './accounts.js'

/** A group: what it may, each of its members may. */
export interface Group {
  /** Compared by its bytes. */
  readonly name: string
  readonly permissions: readonly string[]
  readonly createdAt: number
}

/**
 * The groups, and who is in them. Whatever changes what somebody may raises the `permissions` epoch of each of them in the same
 * transaction, kept until `until`: nobody can have seen the change before it stands in the log. Where they are more than a hundred it
 * may be one epoch, of everybody (the key is empty).
 */
export interface GroupStore {
  /** `false` when the name is taken. */
  create(group: Group): Promise<boolean>
  /** The group of exactly this name; `undefined` if there is none. */
  find(name: string): Promise<Group | undefined>
  /** By name, ascending, after the given one. */
  list(after: string, limit: number): Promise<readonly Group[]>
  /** Replaces the permissions if they still are `expect`, in that order; `false` when they were not, or there is no such group. */
  change(name: string, permissions: readonly string[], expect: readonly string[], until: number): Promise<boolean>
  /** Deletes the group; nobody is in it any more, nor in one that is called so later. `false` if there is none. */
  remove(name: string, until: number): Promise<boolean>
  /** Makes the user a member; `false` for one who is it already, and where there is no such group or user. */
  join(name: string, userId: string, until: number): Promise<boolean>
  /** `false` for somebody who is no member. */
  leave(name: string, userId: string, until: number): Promise<boolean>
  /** By user name, ascending, after the given one. */
  members(name: string, after: string, limit: number): Promise<readonly Account[]>
}
