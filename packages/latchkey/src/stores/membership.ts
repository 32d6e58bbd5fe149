/** What groups make of an account, alike in every store. */
import { compareBytes } from './order.js'
import type { Account, Group } from './port.js'

type Rights = Pick<Account, 'permissions' | 'granted' | 'groups'>

/** All that an account may: what it was granted first, and then what its groups have besides, by the bytes of their names. */
export function rightsOf(granted: readonly string[], groups: readonly Pick<Group, 'name' | 'permissions'>[]): Rights {
  if (groups.length === 0) return { permissions: [...granted], granted: [...granted], groups: [] }
  const sorted = [...groups].sort((a, b) => compareBytes(a.name, b.name))
  const all = [...granted, ...sorted.flatMap(({ permissions }) => permissions)]
  return { permissions: [...new Set(all)], granted: [...granted], groups: sorted.map(({ name }) => name) }
}
