/** Finding rows: all who look in the same turn of the event loop are one statement, because its way costs more than a row. */
import { type Expression, type SqlBool, sql } from 'kysely'
import { batch } from './batch.js'
import type { Database, Keyed } from './database.js'
import { parameter, type Statement, statement } from './statement.js'
import { demandStorable } from './storable.js'

/** How a statement takes a list of texts as one parameter. */
export interface Among {
  readonly holds: (column: Expression<string>, list: Expression<unknown>) => Expression<SqlBool>
  readonly list: (texts: readonly string[]) => unknown
}

/** In PostgreSQL. */
export const amongArray: Among = {
  holds: (column, list) => sql`${column} = any(${list}::text[])`,
  list: (texts) => texts,
}

/** In SQLite, which has no arrays. */
export const amongJson: Among = {
  holds: (column, list) => sql`${column} in (select value from json_each(${list}))`,
  list: (texts) => JSON.stringify(texts),
}

const MOST = 256

export function groupedFinder(run: Database['run'], among: Among): Database['finder'] {
  return (build) => {
    const find = statement(build((column) => among.holds(column, parameter('keys'))))
    // Nobody waits for the group before: one that hangs would have kept the next one waiting, too.
    const ask = batch((keys: readonly string[]) => together(find, keys), MOST, Number.POSITIVE_INFINITY)
    return async (key) => {
      // Thrown to whoever asked: in the statement it would fail for all of them.
      demandStorable(key)
      return ask(key)
    }
  }

  async function together<R extends Keyed>(
    find: Statement<R>,
    keys: readonly string[],
  ): Promise<readonly (R | undefined)[]> {
    const rows = await run(find, { keys: among.list([...new Set(keys)]) })
    const byKey = new Map(rows.map((row) => [row.key, row]))
    return keys.map((key) => byKey.get(key))
  }
}
