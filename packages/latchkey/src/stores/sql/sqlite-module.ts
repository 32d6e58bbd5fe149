/** Which SQLite: the one inside Node where there is one, else the package with the same interface. */

/** What both have in common, as far as it is used here. */
export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  columns(): readonly unknown[]
  all(...values: unknown[]): unknown[]
  run(...values: unknown[]): { readonly changes: number | bigint }
}

export interface SqliteModule {
  readonly DatabaseSync: new (path: string) => SqliteDatabase
}

export async function sqliteModule(): Promise<SqliteModule> {
  // A variable, because the types of Node 20 do not know the name.
  const builtIn = 'node:sqlite'
  try {
    return await import(builtIn)
  } catch {
    return await import('@photostructure/sqlite')
  }
}
