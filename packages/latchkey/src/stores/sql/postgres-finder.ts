/** Finding rows in PostgreSQL: all who look in the same turn of the event loop are one statement, one way to the server and back. */
import { sql } from 'kysely'
import { batch } from './batch.js'
import type { Database, Keyed } from './database.js'
import { parameter, statement } from './statement.js'
import { demandStorable } from './storable.js'

const MOST = 256

export function groupedFinder(run: Database['run']): Database['finder'] {
  return (build) => {
    const find = statement(build((column) => sql`${column} = any(${parameter('keys')}::text[])`))
    // Nobody waits for the group before: one that hangs would have kept the next one waiting, too.
    const ask = batch((keys: readonly string[]) => together(find, keys), MOST, Number.POSITIVE_INFINITY)
    return async (key) => {
      // Thrown to whoever asked: in the statement it would fail for all of them.
      demandStorable(key)
      return ask(key)
    }
  }

  async function together<R extends Keyed>(
    find: ReturnType<typeof statement<R>>,
    keys: readonly string[],
  ): Promise<readonly (R | undefined)[]> {
    const rows = await run(find, { keys: [...new Set(keys)] })
    const byKey = new Map(rows.map((row) => [row.key, row]))
    return keys.map((key) => byKey.get(key))
  }
}
