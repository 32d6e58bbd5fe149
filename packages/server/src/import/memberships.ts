/** Who is in which group and has which permission, as a Django database keeps it: read for a page of users at a time. */
import { type Connection, quoted, type Range } from './connection.js'
import type { Complain, SourceGroup, SourcePermission } from './source.js'

export interface Memberships {
  groups(): Promise<readonly SourceGroup[]>
  /** Of the users of a page. */
  between(range: Range): Promise<{
    groups(user: string): readonly string[]
    permissions(user: string): readonly SourcePermission[]
  }>
}

/** What is between a table of users and one of what they have. */
interface Between {
  readonly table: string
  readonly user: string
}

/** A model of users without groups and permissions has none of these tables. */
export async function createMemberships(
  connection: Connection,
  userTable: string,
  complain: Complain,
): Promise<Memberships> {
  const hasGroups = (await connection.table('auth_group')) !== undefined
  const inGroups = await betweenOf(`${userTable}_groups`, 'group_id')
  const ofUsers = await betweenOf(`${userTable}_user_permissions`, 'permission_id')
  const permissionColumns = 't.app_label as app, t.model as model, p.codename as codename'
  const permissionTables =
    'join auth_permission p on p.id = b.permission_id join django_content_type t on t.id = p.content_type_id'
  return { groups, between }

  async function betweenOf(table: string, other: string): Promise<Between | undefined> {
    const found = await connection.table(table)
    // Named after the model, which may be called anything.
    const user = [...(found?.columns.keys() ?? [])].find((one) => one !== 'id' && one !== other)
    return user === undefined ? undefined : { table, user }
  }

  /** Groups are few: they are held. */
  async function groups(): Promise<readonly SourceGroup[]> {
    if (!hasGroups) return []
    const names = await connection.all('select id, name from auth_group order by id', [])
    const sql = `select b.group_id as owner, ${permissionColumns} from auth_group_permissions b ${permissionTables} order by b.id`
    const of = grouped(await connection.all(sql, []), permissionOf)
    return names.flatMap(({ id, name }) => {
      const place = `group ${String(id)}`
      if (typeof name === 'string') return [{ place, name, permissions: of.get(String(id)) ?? [] }]
      complain(place, 'the name of the group is no text')
      return []
    })
  }

  async function between(range: Range): ReturnType<Memberships['between']> {
    const names = await owned(inGroups, 'g.name as name', 'join auth_group g on g.id = b.group_id', range)
    const granted = await owned(ofUsers, permissionColumns, permissionTables, range)
    const [groupsOf, permissionsOf] = [grouped(names, ({ name }) => String(name)), grouped(granted, permissionOf)]
    return { groups: (user) => groupsOf.get(user) ?? [], permissions: (user) => permissionsOf.get(user) ?? [] }
  }

  async function owned(of: Between | undefined, columns: string, join: string, { after, upTo }: Range) {
    if (!of) return []
    const owner = `b.${quoted(of.user)}`
    const from = after === undefined ? '' : `and ${owner} > ${connection.mark(2)}`
    const sql = `select ${owner} as owner, ${columns} from ${quoted(of.table)} b ${join}
      where ${owner} <= ${connection.mark(1)} ${from} order by b.id`
    return connection.all(sql, after === undefined ? [upTo] : [upTo, after])
  }
}

const permissionOf = ({ app, model, codename }: Readonly<Record<string, unknown>>): SourcePermission => ({
  app: String(app),
  model: String(model),
  codename: String(codename),
})

function grouped<T>(
  rows: readonly Readonly<Record<string, unknown>>[],
  read: (row: Readonly<Record<string, unknown>>) => T,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const owner = String(row.owner)
    const of = groups.get(owner) ?? []
    of.push(read(row))
    groups.set(owner, of)
  }
  return groups
}
