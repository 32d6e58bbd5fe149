/** How an application wants the claims of an issuer to be read, checked. */
import type { IssuerOptions, IssuerUsers, PermissionMap } from './issuer-options.js'
import type { Budget } from './stores/port.js'
import type { ClaimPath, Mapping } from './tokens/mapping.js'
import { invalid, within } from './util/checks.js'

/** `most`: what the users table can do. Throws `options_invalid` with the path of what cannot be meant. */
export function readMapping(one: IssuerOptions, path: string, most: IssuerUsers): Mapping {
  const users = one.users ?? most
  const ways = ['none', 'known', 'create']
  if (!ways.includes(users)) throw invalid(`${path}.users`, 'must be create, known or none')
  if (ways.indexOf(users) > ways.indexOf(most))
    throw invalid(`${path}.users`, `cannot be ${users}: the users table has no identities that could`)
  const maps = one.permissions === undefined ? [] : [one.permissions].flat()
  const attributes = Object.entries(one.attributes ?? {}).map(([name, claim]) => {
    const where = `${path}.attributes.${name}`
    if (typeof claim === 'string' || Array.isArray(claim)) return [name, { claim: readPath(claim, where) }] as const
    const { claim: from, values } = claim as { claim: ClaimPath; values: readonly string[] }
    if (!Array.isArray(values)) throw invalid(`${where}.values`, 'must be a list')
    return [name, { claim: readPath(from, where), values: Object.freeze([...values]) }] as const
  })
  return Object.freeze({
    users,
    newUsers: readBudget(one.newUsers ?? { points: 600, seconds: 60 }, `${path}.newUsers`),
    username: one.username === undefined ? undefined : readPath(one.username, `${path}.username`),
    email: one.email === undefined ? undefined : readPath(one.email, `${path}.email`),
    attributes: Object.freeze(Object.fromEntries(attributes)),
    permissions: Object.freeze(maps.map((map) => readPermissions(map as PermissionMap, `${path}.permissions`))),
  })
}

function readPermissions(map: PermissionMap, path: string): Mapping['permissions'][number] {
  if (typeof map?.values !== 'object' || map.values === null) throw invalid(`${path}.values`, 'must be an object')
  const values = Object.entries(map.values).map(([value, granted]) => {
    const all = [granted].flat()
    for (const one of all)
      if (typeof one !== 'string' || !/^[\w:./*-]{1,255}$/.test(one))
        throw invalid(`${path}.values.${value}`, 'must be permissions such as posts:write')
    return [value, Object.freeze(all)] as const
  })
  return { claim: readPath(map.claim, `${path}.claim`), values: new Map(values) }
}

export function readPath(path: ClaimPath, where: string): ClaimPath {
  const names = typeof path === 'string' ? [path] : path
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    names.length > 8 ||
    !names.every((name) => typeof name === 'string' && name !== '')
  )
    throw invalid(where, 'must be the name of a claim, or the names on the way to it')
  return typeof path === 'string' ? path : Object.freeze([...path])
}

function readBudget({ points, seconds: span }: Budget, path: string): Budget {
  return { points: within(`${path}.points`, points, 1, 1_000_000), seconds: within(`${path}.seconds`, span, 1, 86_400) }
}
