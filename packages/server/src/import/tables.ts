/** A source that is a Django database: its own tables or those of a model of one's own, page by page in the order of the primary key. */
import { EXIT, failure, usage } from '../cli/failure.js'
import { plain } from '../cli/table.js'
import { type Connection, isName, quoted, type Range, type Row, type Table } from './connection.js'
import { createMemberships, type Memberships } from './memberships.js'
import type { Complain, Source, SourceNames, SourceToken, SourceUser } from './source.js'

/** Rows that are held at a time. */
const PAGE = 200

/** Where a row says it, and what it is called here. */
const optional = {
  password: 'password',
  active: 'is_active',
  superuser: 'is_superuser',
  staff: 'is_staff',
  firstName: 'first_name',
  lastName: 'last_name',
  joined: 'date_joined',
  lastLogin: 'last_login',
} as const

/** Throws a failure where there is no such table, or a column that was named is not in it. */
export async function openTables(connection: Connection, names: SourceNames, complain: Complain): Promise<Source> {
  const name = names.userTable ?? names.userModel.toLowerCase().replace('.', '_')
  if (!isName(name)) throw usage('The name of a table has letters, digits and _ only.')
  const table = await connection.table(name)
  if (!table)
    throw failure(
      EXIT.failed,
      'not_found',
      `There is no table ${name}.`,
      'a user model of your own is named by --user-model',
    )
  const columns = columnsOf(table, names)
  const memberships = await createMemberships(connection, name, complain)
  const [counted] = await connection.all(`select count(*) as n from ${quoted(name)}`, [])
  let done = 0
  return {
    size: Number(counted?.n ?? 0),
    done: () => done,
    groups: memberships.groups,
    users,
    blacklist: () => blacklist(connection),
    close: () => connection.close(),
  }

  async function* users(): AsyncIterable<SourceUser> {
    for await (const { rows, range } of pages(connection, name, columns.key, columns.selected)) {
      const of = await memberships.between(range)
      for (const row of rows) yield userOf(row, of)
      done += rows.length
    }
  }

  function userOf(row: Row, of: Awaited<ReturnType<Memberships['between']>>): SourceUser {
    const { row_key: key, ...fields } = row
    const id = columns.isHex ? dashed(fields.id) : fields.id
    const place = `pk ${plain(String(columns.isHex ? dashed(key) : key)).slice(0, 64)}`
    const text = String(key)
    return {
      ...(fields as unknown as SourceUser),
      id,
      place,
      groups: of.groups(text),
      permissions: of.permissions(text),
    }
  }
}

interface Columns {
  readonly key: string
  /** The list of a SELECT. */
  readonly selected: string
  /** SQLite has no type for UUIDs: Django keeps their digits there, and names the user by the usual form. */
  readonly isHex: boolean
}

function columnsOf({ columns }: Table, { usernameField, emailField, idField }: SourceNames): Columns {
  for (const named of [usernameField, ...(idField === undefined ? [] : [idField])]) {
    if (!isName(named) || !columns.has(named))
      throw failure(EXIT.failed, 'not_found', `The users have no column ${plain(named)}.`)
  }
  // The one that inherits from another model has its key in the pointer to it.
  const key = columns.has('id')
    ? 'id'
    : ([...columns.keys()].find((one) => one.endsWith('_ptr_id')) ?? (idField as string))
  if (key === undefined)
    throw usage('The users have no column id.', 'name the one that tokens know them by: --id-field')
  const id = idField ?? key
  const parts = [
    `${quoted(key)} as row_key`,
    `${short(id, columns)} as id`,
    `${short(usernameField, columns)} as username`,
  ]
  if (columns.has(emailField)) parts.push(`${short(emailField, columns)} as email`)
  for (const [as, column] of Object.entries(optional)) {
    if (columns.has(column)) parts.push(`${short(column, columns)} as ${quoted(as)}`)
  }
  return { key, selected: parts.join(', '), isHex: columns.get(id) === 'char(32)' }
}

/** A giant text is cut where nobody has to hold it: what is left of it is too long for whatever it should be. */
function short(name: string, columns: Table['columns']): string {
  const isText = /char|text/.test(columns.get(name) ?? '')
  return isText ? `substr(${quoted(name)}, 1, 1000)` : quoted(name)
}

/** By the key, so that a page costs the same wherever it is. */
async function* pages(
  { all, mark }: Connection,
  table: string,
  key: string,
  selected: string,
): AsyncGenerator<{ readonly rows: readonly Row[]; readonly range: Range }> {
  let after: unknown
  for (;;) {
    const where = after === undefined ? '' : `where ${quoted(key)} > ${mark(1)}`
    const sql = `select ${selected} from ${quoted(table)} ${where} order by ${quoted(key)} limit ${PAGE}`
    const rows = await all(sql, after === undefined ? [] : [after])
    const upTo = rows.at(-1)?.row_key
    if (upTo === undefined) return
    yield { rows, range: { after, upTo } }
    after = upTo
  }
}

async function* blacklist(connection: Connection): AsyncIterable<SourceToken> {
  const [outstanding, ended] = ['token_blacklist_outstandingtoken', 'token_blacklist_blacklistedtoken']
  if (!(await connection.table(outstanding)) || !(await connection.table(ended))) return
  let after: unknown
  for (;;) {
    const where = after === undefined ? '' : `where e.id > ${connection.mark(1)}`
    const sql = `select e.id as row_key, substr(o.jti, 1, 1000) as jti, o.expires_at as expires from ${ended} e
      join ${outstanding} o on o.id = e.token_id ${where} order by e.id limit ${PAGE}`
    const rows = await connection.all(sql, after === undefined ? [] : [after])
    for (const { row_key: key, jti, expires } of rows) yield { place: `blacklisted token ${String(key)}`, jti, expires }
    after = rows.at(-1)?.row_key
    if (after === undefined) return
  }
}

const dashed = (value: unknown): unknown =>
  typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
    ? value.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : value
