/** Text that no database keeps as it is. */
import { AuthError } from '../../errors.js'

/**
 * Throws `request_invalid` for a NUL, where drivers cut text or refuse it, and for half of a surrogate pair, which all of
 * them replace: one id would turn into another.
 */
export function demandStorable(text: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return
  throw new AuthError('request_invalid', { hint: 'a text holds a NUL or half a surrogate pair' })
}
