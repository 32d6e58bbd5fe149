/** Cookies as Django sets and deletes them: attributes by their names, a date beside the age, quotes where Python's rules ask for them. */
import { invalid } from '../util/checks.js'
import { MOST_COOKIE_BYTES } from '../util/cookie.js'

/** A cookie as Django's `set_cookie` takes it. */
export interface DjangoCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined
  readonly domain?: string | undefined
  /** Seconds from `now`; absent: until the browser closes. */
  readonly maxAge?: number | undefined
  readonly now?: number | undefined
}

export function setDjangoCookie({
  name,
  value,
  path,
  httpOnly,
  secure,
  sameSite,
  domain,
  maxAge,
  now,
}: DjangoCookie): string {
  return written(name, value, [
    domain !== undefined && `Domain=${domain}`,
    maxAge !== undefined && now !== undefined && `expires=${new Date((now + maxAge) * 1000).toUTCString()}`,
    httpOnly && 'HttpOnly',
    maxAge !== undefined && `Max-Age=${maxAge}`,
    `Path=${path}`,
    sameSite !== undefined && `SameSite=${sameSite}`,
    secure && 'Secure',
  ])
}

/** As Django's `delete_cookie`: `Secure` stands only where a browser would not listen without it. */
export function deleteDjangoCookie({
  name,
  path,
  sameSite,
  domain,
}: Pick<DjangoCookie, 'name' | 'path' | 'sameSite' | 'domain'>): string {
  return written(name, '', [
    domain !== undefined && `Domain=${domain}`,
    'expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'Max-Age=0',
    `Path=${path}`,
    sameSite !== undefined && `SameSite=${sameSite}`,
    (sameSite === 'None' || /^__(Secure|Host)-/.test(name)) && 'Secure',
  ])
}

function written(name: string, value: string, attributes: readonly (string | false)[]): string {
  const pair = `${name}=${quoted(value)}`
  if (pair.length > MOST_COOKIE_BYTES) throw invalid(`the cookie ${name}`, `has more than ${MOST_COOKIE_BYTES} bytes`)
  return [pair, ...attributes.filter((one) => one !== false)].join('; ')
}

/** What stands here is Base64 or a token: nothing in it needs more than the quotes. */
const quoted = (value: string): string => (/^[\w!#$%&'*+\-.^`|~:]+$/.test(value) ? value : `"${value}"`)
