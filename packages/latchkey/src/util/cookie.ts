/** Cookies as bytes (RFC 6265): the values of a name in a `Cookie` header, and the line that sets one. */
import { AuthError } from '../errors.js'

/** The most that browsers keep of one: name and value together (RFC 6265 section 6.1). */
export const MOST_COOKIE_BYTES = 4_096

/** A cookie to be set. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** Seconds; `undefined`: until the browser closes. */
  readonly maxAge?: number | undefined
  /** Shared with the sub-domains of this. Default: this host alone. */
  readonly domain?: string | undefined
  readonly secure: boolean
  /** Whether scripts may read it. */
  readonly readable: boolean
  readonly sameSite: 'Lax' | 'Strict' | 'None'
}

/**
 * Every value that a header has for a name, to the letter: no percent signs are decoded, no quotes removed, and no space but the one that
 * separates. Whatever else looks like the name is another cookie.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const at = pair.startsWith(' ') ? 1 : 0
    if (pair.startsWith(name, at) && pair[at + name.length] === '=') values.push(pair.slice(at + name.length + 1))
  }
  return values
}

/** The one value of a name. Two are an error even if they are equal: whoever reads the other one is fooled. Throws `credential_ambiguous`. */
export function onlyCookie(header: string | undefined, name: string): string | undefined {
  const values = cookieValues(header, name)
  if (values.length > 1) throw new AuthError('credential_ambiguous', { hint: `the cookie ${name} stands twice` })
  return values[0]
}

/** The value of `Set-Cookie`. Throws `options_invalid` for text that would end an attribute, and for what browsers do not keep. */
export function writeCookie(cookie: SetCookie): string {
  const { name, value, path, maxAge, domain, secure, readable, sameSite } = cookie
  if (!NAME.test(name)) throw unusable(`the cookie name ${JSON.stringify(name)} has a character that no name may have`)
  if (!VALUE.test(value)) throw unusable(`the value of the cookie ${name} has a character that no value may have`)
  if (!PATH.test(path)) throw unusable(`the path of the cookie ${name} has a character that no path may have`)
  if (domain !== undefined && !DOMAIN.test(domain)) throw unusable(`the domain of the cookie ${name} is none`)
  if (name.length + value.length > MOST_COOKIE_BYTES) {
    throw unusable(`the cookie ${name} has ${name.length + value.length} bytes; browsers keep ${MOST_COOKIE_BYTES}`)
  }
  const parts = [`${name}=${value}`]
  if (maxAge !== undefined) parts.push(`Max-Age=${Math.max(0, maxAge)}`)
  if (maxAge !== undefined && maxAge <= 0) parts.push('Expires=Thu, 01 Jan 1970 00:00:00 GMT')
  if (domain !== undefined) parts.push(`Domain=${domain}`)
  parts.push(`Path=${path}`, `SameSite=${sameSite}`)
  if (secure) parts.push('Secure')
  if (!readable) parts.push('HttpOnly')
  return parts.join('; ')
}

/**
 * The lines of an answer that held some already: the fresh ones in place of those of the same name, domain and path, of which a browser
 * would keep the last (RFC 6265 section 4.1.1 has a server send one).
 */
export function renewCookies(held: readonly string[], fresh: readonly string[]): readonly string[] {
  const renewed = new Set(fresh.map(placeOf))
  return [...held.filter((line) => !renewed.has(placeOf(line))), ...fresh]
}

/** The `Cookie` header that a browser will send once it has an answer: what it sent, with the fresh ones instead, and without the deleted. */
export function cookieHeaderAfter(sent: string, fresh: readonly string[]): string {
  const jar = new Map(sent.split(/; */).map((pair) => [pair.split('=', 1)[0] ?? '', pair] as const))
  for (const line of fresh) {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = ''] = pair.split('=', 1)
    if (attributes.includes('Max-Age=0')) jar.delete(name)
    else jar.set(name, pair)
  }
  jar.delete('')
  return [...jar.values()].join('; ')
}

function placeOf(line: string): string {
  const [pair = '', ...attributes] = line.split(';')
  const places = attributes.map((one) => one.trim()).filter((one) => /^(?:domain|path)=/i.test(one))
  return [pair.slice(0, pair.indexOf('=')), ...places.sort()].join(';')
}

const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/
const VALUE = /^"?[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"?$/
const PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/
const DOMAIN = /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i

const unusable = (hint: string): AuthError => new AuthError('options_invalid', { hint })
