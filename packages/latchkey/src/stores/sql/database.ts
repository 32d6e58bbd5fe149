/** What the statements need of a database; a dialect is one file that gives this. */
import type {
  AliasableExpression,
  Compilable,
  Expression,
  Kysely,
  RawBuilder,
  SelectQueryBuilder,
  SqlBool,
  Transaction,
} from 'kysely'
import type { Schema } from './schema.js'
import type { Statement, Values } from './statement.js'

export type TextType = 'text' | RawBuilder<unknown>

/** Work inside one transaction; `now` is the store's clock in seconds. */
export type Work<T> = (trx: Transaction<Schema>, now: number) => Promise<T>

/** A row with the value by which it was looked for. */
export interface Keyed {
  readonly key: string
}

/** Builds the statement that finds rows of one table; `asked` is true for a column with a value that somebody looks for. */
export type Finding<R extends Keyed> = (asked: (column: Expression<string>) => Expression<SqlBool>) => Compilable<R>

export interface Database {
  /** Builds statements, and runs single ones that only read. */
  readonly read: Kysely<Schema>
  /** The store's clock in seconds, as part of a statement that goes to `run`. */
  readonly now: AliasableExpression<number>
  /** The type of text that is compared and sorted by its bytes. */
  readonly text: TextType
  /** Part of the statement that moves the counter: tells whoever listens, once it is committed. */
  readonly news: AliasableExpression<unknown>
  /** One statement in a snapshot of its own. */
  run<R>(statement: Statement<R>, values: Values): Promise<readonly R[]>
  /** Finds rows by a column whose values are unique: each in a snapshot that is begun after it was asked for, and that others may share. */
  finder<R extends Keyed>(build: Finding<R>): (key: string) => Promise<R | undefined>
  /** One transaction: durable when it answers, undone when it throws. */
  write<T>(work: Work<T>): Promise<T>
  /** Until the transaction ends no other one that names the same gets past here. Nothing to do where writers are alone anyway. */
  serialise(trx: Transaction<Schema>, name: string): Promise<void>
  /** Locks the rows that a query finds until the transaction ends, and leaves out those that somebody else has locked. Nothing to do where writers are alone anyway. */
  unlocked<T extends keyof Schema, R>(query: SelectQueryBuilder<Schema, T, R>): SelectQueryBuilder<Schema, T, R>
  close(): Promise<void>
}
