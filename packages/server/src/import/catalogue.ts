/** What a dump says of groups and permissions before its users, and how its users name them: by primary key, or by natural key. */
import { EXIT, failure } from '../cli/failure.js'
import type { Complain, SourceGroup, SourcePermission } from './source.js'

/** An object of a dump. */
export interface Entry {
  readonly place: string
  readonly model: string
  readonly pk: unknown
  readonly fields: Readonly<Record<string, unknown>>
}

interface Catalogue {
  add(entry: Entry): void
  groups(): readonly SourceGroup[]
  groupNames(value: unknown, place: string): readonly string[]
  permissions(value: unknown, place: string): readonly SourcePermission[]
}

/** More than any application has. */
const most = 100_000

export function createCatalogue(complain: Complain): Catalogue {
  const types = new Map<unknown, Omit<SourcePermission, 'codename'>>()
  const permissionRows = new Map<unknown, Readonly<Record<string, unknown>>>()
  const groupRows = new Map<unknown, Entry>()
  const adders: Readonly<Record<string, (entry: Entry) => void>> = {
    'contenttypes.contenttype': ({ pk, fields: { app_label: app, model } }) => {
      if (typeof app === 'string' && typeof model === 'string') keep(types, pk, { app, model })
    },
    'auth.permission': ({ pk, fields }) => keep(permissionRows, pk, fields),
    // With natural primary keys there is no other.
    'auth.group': (entry) => keep(groupRows, entry.pk ?? entry.fields.name, entry),
  }
  return {
    add: (entry) => void (Object.hasOwn(adders, entry.model) && adders[entry.model]?.(entry)),
    groups,
    groupNames,
    permissions,
  }

  function groups(): readonly SourceGroup[] {
    return [...groupRows.values()].flatMap(({ place, fields: { name, permissions: all } }) => {
      if (typeof name === 'string') return [{ place, name, permissions: permissions(all, place) }]
      complain(place, 'the name of the group is no text')
      return []
    })
  }

  function groupNames(value: unknown, place: string): readonly string[] {
    return listed(value, place, 'groups').flatMap((one) => {
      const name = Array.isArray(one) ? one[0] : groupRows.get(one)?.fields.name
      if (typeof name === 'string') return [name]
      complain(place, 'one of its groups is not in the file')
      return []
    })
  }

  function permissions(value: unknown, place: string): readonly SourcePermission[] {
    return listed(value, place, 'permissions').flatMap((one) => {
      const found = Array.isArray(one) ? natural(one) : byKey(one)
      if (found) return [found]
      complain(place, 'one of its permissions is not in the file')
      return []
    })
  }

  function byKey(pk: unknown): SourcePermission | undefined {
    const { content_type: type, codename } = permissionRows.get(pk) ?? {}
    const about = Array.isArray(type) ? { app: type[0], model: type[1] } : types.get(type)
    return about && natural([codename, about.app, about.model])
  }

  function listed(value: unknown, place: string, what: string): readonly unknown[] {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value
    complain(place, `its ${what} are no list`)
    return []
  }
}

function natural([codename, app, model]: readonly unknown[]): SourcePermission | undefined {
  if (typeof codename !== 'string' || typeof app !== 'string' || typeof model !== 'string') return undefined
  return { codename, app, model }
}

function keep<T>(rows: Map<unknown, T>, key: unknown, row: T): void {
  if (rows.size >= most) throw failure(EXIT.failed, 'failed', 'The file has too many groups or permissions.')
  rows.set(key, row)
}
