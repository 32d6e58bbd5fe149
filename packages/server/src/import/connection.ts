/** A database that is only read: what the source of tables asks of SQLite and of PostgreSQL. */

export type Row = Readonly<Record<string, unknown>>

export interface Table {
  /** Names and declared types of the columns. */
  readonly columns: ReadonlyMap<string, string>
}

/** Keys: above the one, and up to the other. */
export interface Range {
  readonly after: unknown
  readonly upTo: unknown
}

/** Everything is read of one snapshot. */
export interface Connection {
  /** How the dialect calls the n-th value of a statement, from 1. */
  mark(position: number): string
  /** `undefined` where there is no such table. */
  table(name: string): Promise<Table | undefined>
  all(sql: string, values: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}

/** A name as SQL has it, with its schema where it has one. Nothing but letters, digits and `_` gets there. */
export const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')

export const isName = (name: string): boolean => /^\w{1,63}(\.\w{1,63})?$/.test(name)
