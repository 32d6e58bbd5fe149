/** The checks of `latchkey token explain`, as data. */
import { AuthError } from 'latchkey'
import { date } from '../cli/table.js'

/** One check: `undefined` for one that cannot be made, because one before it failed. */
export interface Check {
  readonly name: string
  readonly ok: boolean | undefined
  readonly detail: string
}

/** Numbers beyond this are dates: 2001 in seconds. */
const DATES_FROM = 1_000_000_000

/** The value of a claim for people. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return value
  const isDate = typeof value === 'number' && value > DATES_FROM && value < DATES_FROM * 100
  return isDate ? date(Math.floor(value)) : JSON.stringify(value)
}

export const good = (name: string, detail: string): Check => ({ name, ok: true, detail })
export const bad = (name: string, error: AuthError): Check => ({ name, ok: false, detail: error.reason ?? error.code })
export const unseen = (name: string): Check => ({ name, ok: undefined, detail: 'not looked at' })

export function attempt<T>(work: () => T): T | AuthError {
  try {
    return work()
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
}
