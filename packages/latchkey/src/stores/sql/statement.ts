/** Statements that are built and compiled once: Kysely's builder takes longer than the database does. */
import type { Compilable, Kysely, QueryResult, RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Schema } from './schema.js'

export type Values = Readonly<Record<string, unknown>>

/** Runs with values for its parameters, by name; it ignores those it does not have. */
export type Statement<R = unknown> = (db: Kysely<Schema>, values: Values) => Promise<QueryResult<R>>

/** The place of a value in a statement that is compiled before the value is known. */
interface Place {
  readonly place: string
}

/** A parameter of a `statement`, by name; of no type, so that it fits beside every column. */
export const parameter = <T = never>(name: string): RawBuilder<T> => sql<T>`${{ place: name } satisfies Place}`

/** Compiles what a builder made of parameters. */
export function statement<R>(built: Compilable<R>): Statement<R> {
  const { parameters, ...compiled } = built.compile()
  return (db, values) => db.executeQuery<R>({ ...compiled, parameters: parameters.map((value) => fill(value, values)) })
}

function fill(value: unknown, values: Values): unknown {
  return typeof value === 'object' && value !== null && 'place' in value ? values[String(value.place)] : value
}

/** How many rows a statement inserted, changed or deleted. */
export const affected = ({ numAffectedRows }: QueryResult<unknown>): number => Number(numAffectedRows ?? 0)
