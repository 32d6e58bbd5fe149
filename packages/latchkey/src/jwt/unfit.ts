/** The error for a key that must not be used: it names what is wrong and never shows the key. */
import { AuthError } from '../errors.js'

export const unfit = (hint: string, cause?: unknown): AuthError =>
  new AuthError('options_invalid', { reason: 'key_policy', hint, ...(cause === undefined ? {} : { cause }) })
