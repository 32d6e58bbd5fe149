/** Time as a value: the clock every part is handed, and durations as people write them. */
import { AuthError } from '../errors.js'

/** Whole seconds since the epoch, the unit of every JWT date. */
export type Clock = () => number

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000)

/** The end of what has none: the last second of the year 9999. */
export const FOREVER = 253_402_300_799

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** '15m' as 900. A number is seconds already. Throws `options_invalid`, naming the option at fault by its `path`. */
export function seconds(duration: string | number, path = 'duration'): number {
  const value = typeof duration === 'string' ? fromText(duration) : duration
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new AuthError('options_invalid', {
    hint: `${path}: expected whole seconds, or a duration like '30s', '15m', '12h' or '30d'`,
  })
}

function fromText(text: string): number {
  const [, digits, unit] = /^(\d{1,15})([smhd])$/.exec(text) ?? []
  if (digits === undefined || unit === undefined) return Number.NaN
  return Number(digits) * (unitSeconds[unit] ?? Number.NaN)
}
