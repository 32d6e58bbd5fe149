/** What a user name, an e-mail address and a new password may be. */
import type { Problem } from '../errors.js'

const product = 'latchkey'
const mostLogin = 254
const mostPasswordBytes = 1_024

// Zero-width and other invisible characters: two names that look alike are one.
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const username = /^(?=.*[\p{L}\p{N}])[\p{L}\p{N}_.@+'~-][\p{L}\p{M}\p{N}_.@+'~-]*$/u
const label = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?`
const email = new RegExp(String.raw`^[\p{L}\p{N}.!#$%&'*+/=?^_\x60{|}~-]{1,64}@${label}(?:\.${label})*$`, 'u')
const loneSurrogate = /\p{Surrogate}/u

/** The one spelling of a login: NFKC, case folded, without invisible characters and surrounding space. */
export function canonicalLogin(text: string): string {
  const visible = text.normalize('NFKC').replace(invisible, '')
  // Lower, upper, lower: only this way are 'ẞ', 'ß' and 'SS', or final and medial sigma, one letter each.
  return visible.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC').trim()
}

/** What is wrong with a user name, once canonical: 1-254 letters, digits and `_ . @ + ' ~ -`. */
export function checkUsername(value: unknown): Problem[] {
  return checkText('username', value, username, "Letters, digits and _ . @ + ' ~ - only.")
}

/** What is wrong with an e-mail address, once canonical. `null` and `undefined` are no address, and fine. */
export function checkEmail(value: unknown): Problem[] {
  if (value === null || value === undefined) return []
  return checkText('email', value, email, 'Not one e-mail address.')
}

/** What is wrong with a new password: 8-256 characters, at most 1,024 bytes, nothing that is written next to it. */
export function checkNewPassword(
  password: unknown,
  about: { readonly username?: string | undefined; readonly email?: string | null | undefined },
): Problem[] {
  const path = 'password'
  if (typeof password !== 'string') return noText(path, password)
  // Bytes first: characters are only counted where there are few.
  if (isTooLong(password) || [...password].length > 256) {
    return [{ path, rule: 'long', message: 'At most 256 characters and 1,024 bytes.' }]
  }
  if (password.includes('\0')) return [{ path, rule: 'nul', message: 'This must not contain NUL.' }]
  // Half a character becomes U+FFFD in UTF-8: many passwords would be one.
  if (loneSurrogate.test(password)) return [{ path, rule: 'format', message: 'This is not well-formed text.' }]
  if ([...password].length < 8) return [{ path, rule: 'short', message: 'At least 8 characters.' }]
  if (isObvious(password, about)) return [{ path, rule: 'common', message: 'This is too easy to guess.' }]
  return []
}

/** True for a password that is not worth hashing: no account can have it. Only bytes count, as imported ones know no other bound. */
export const isTooLong = (password: string): boolean =>
  password.length > mostPasswordBytes || Buffer.byteLength(password, 'utf8') > mostPasswordBytes

/** True for a login that nobody can have: empty, too long, or with characters that a database may choke on. */
export function isImpossibleLogin(login: string): boolean {
  return login.length > mostLogin || login.trim() === '' || login.includes('\0') || loneSurrogate.test(login)
}

/** What is wrong with a value that should have been text. */
export function noText(path: string, value: unknown): Problem[] {
  if (value === undefined) return [{ path, rule: 'required', message: 'This is required.' }]
  if (value === null) return [{ path, rule: 'null', message: 'This must not be null.' }]
  return [{ path, rule: 'type', message: 'This must be text.' }]
}

function checkText(path: string, value: unknown, allowed: RegExp, message: string): Problem[] {
  if (typeof value !== 'string') return noText(path, value)
  if (value.length > mostLogin) return [{ path, rule: 'long', message: `At most ${mostLogin} characters.` }]
  if (value.includes('\0')) return [{ path, rule: 'nul', message: 'This must not contain NUL.' }]
  const text = canonicalLogin(value)
  if (text === '') return [{ path, rule: 'blank', message: 'This must not be blank.' }]
  // NFKC can make text longer.
  if (text.length > mostLogin) return [{ path, rule: 'long', message: `At most ${mostLogin} characters.` }]
  return allowed.test(text) ? [] : [{ path, rule: 'format', message }]
}

function isObvious(password: string, { username, email }: Parameters<typeof checkNewPassword>[1]): boolean {
  const text = canonicalLogin(password)
  const written = [product, username, email, email?.split('@', 1)[0]]
  return written.some((word) => typeof word === 'string' && canonicalLogin(word) === text)
}
