/** SQLite with somebody who looks on: called before each statement that runs, and free to throw. */
import { type SqliteDatabase, type SqliteModule, sqliteModule } from '../../src/stores/sql/sqlite-module.js'

export type Watcher = (sql: string, database: SqliteDatabase) => void

export async function watched(watcher: Watcher): Promise<SqliteModule> {
  const { DatabaseSync } = await sqliteModule()
  return {
    DatabaseSync: class {
      readonly #database: SqliteDatabase
      constructor(path: string) {
        this.#database = new DatabaseSync(path)
      }
      exec(sql: string): void {
        watcher(sql, this.#database)
        this.#database.exec(sql)
      }
      prepare(sql: string): ReturnType<SqliteDatabase['prepare']> {
        const statement = this.#database.prepare(sql)
        const watch =
          <T>(run: (...values: unknown[]) => T) =>
          (...values: unknown[]): T => {
            watcher(sql, this.#database)
            return run(...values)
          }
        const all = watch((...values) => statement.all(...values))
        const run = watch((...values) => statement.run(...values))
        return { columns: () => statement.columns(), all, run }
      }
      close(): void {
        this.#database.close()
      }
    },
  }
}
