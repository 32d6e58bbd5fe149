/** Writes past the ports of a store, for stores with a mistake: a connection of its own that `run`s a statement and answers how many rows it changed. */
import { pause } from './world.mjs'

/** Connects at the first statement. Parameters are written `?`. */
export function directly(database) {
  const connect = /^postgres/.test(database) ? toPostgres : toSqlite
  let connecting
  return { run }

  async function run(sql, values) {
    connecting ??= connect(database)
    return (await connecting)(sql, values)
  }
}

async function toPostgres(url) {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  return async (sql, values) => (await pool.query(numbered(sql), values)).rowCount
}

function numbered(sql) {
  let count = 0
  return sql.replace(/\?/g, () => `$${++count}`)
}

async function toSqlite(url) {
  const { DatabaseSync } = await import('node:sqlite').catch(() => import('@photostructure/sqlite'))
  const database = new DatabaseSync(url.replace(/^sqlite:/, ''))
  return async (sql, values) => {
    // Waiting inside SQLite would stop the loop that the holder of the lock needs.
    for (;;) {
      try {
        return Number(database.prepare(sql).run(...values).changes)
      } catch (error) {
        if (!/locked|busy/.test(error.message)) throw error
        await pause(1)
      }
    }
  }
}
