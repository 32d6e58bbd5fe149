/** The checks that options pass: each throws `options_invalid` with the path of the option at fault. */
import { AuthError } from '../errors.js'

export const invalid = (path: string, rule: string): AuthError =>
  new AuthError('options_invalid', { hint: `${path} ${rule}` })

export function flag(name: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(name, 'must be true or false')
  return value ?? false
}

export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid(name, 'must be text, and not empty')
  return value
}

export function within(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw invalid(name, `must be between ${least} and ${most}`)
  return value
}
