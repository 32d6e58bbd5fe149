/** How a token travels to the application under test: in a header or in cookies, once, and twice. */

/** A header of a request, by name and value. */
export type Pair = readonly [name: string, value: string]

/** A way in which tokens travel. */
export interface Carried {
  /** `header`, `cookie`. */
  readonly name: string
  /** The headers of a request with a token; `undefined` for one that cannot go this way. */
  carry(token: string): readonly Pair[] | undefined
  /** The same with two tokens at once; `undefined` where there is no such thing. */
  twice(first: string, second: string): readonly Pair[] | undefined
}

/** `Authorization: Bearer <token>`. */
export const byScheme = (scheme: string): Carried =>
  byHeaders((token) => ({ authorization: `${scheme} ${token}` }), 'header')

/** Headers as the application has them. */
export function byHeaders(of: (token: string) => Readonly<Record<string, string>>, name = 'header'): Carried {
  const carry = (token: string): Pair[] => Object.entries(of(token))
  return { name, carry, twice: (first, second) => [...carry(first), ...carry(second)] }
}

/** A browser's cookies, as a login set them. */
export interface Jar {
  /** `Set-Cookie` lines. */
  readonly cookies: readonly string[]
  /** The access token among them. */
  readonly access: string
  readonly refresh: string | undefined
  readonly origin: string | undefined
}

const CSRF_TOKEN = /^[\da-f]{64}$/

/** Cookies in which the access token of a login stands, whole or in two parts; another token is put in its place. */
export function byCookies({ cookies, access, refresh, origin }: Jar, keepsRefresh: boolean): Carried | undefined {
  const all = cookies.map(nameAndValue).filter(([, value]) => value !== '' && (keepsRefresh || value !== refresh))
  const repeated = all
    .filter(([, value]) => CSRF_TOKEN.test(value))
    .flatMap(([name, value]): readonly Pair[] => {
      if (!/csrftoken$/i.test(name)) return [['x-csrf-token', value]]
      // Django's way, which looks at the page that asks, too.
      return [['x-csrftoken', value], ...(origin === undefined ? [] : [['referer', `${origin}/`] as const])]
    })
  const ours = all.filter(([, value]) => piece(value, access, access) !== undefined)
  if (ours.length === 0) return undefined
  const line = (token: string) => all.map(([name, value]) => `${name}=${piece(value, access, token) ?? value}`)
  const second = (token: string) => ours.map(([name, value]) => `${name}=${piece(value, access, token)}`)
  const headers = (parts: readonly string[]): readonly Pair[] => [['cookie', parts.join('; ')], ...repeated]
  return {
    name: 'cookie',
    // These end a cookie, or begin a quoted one.
    carry: (token) => (/[\s",;\\]/.test(token) ? undefined : headers(line(token))),
    twice: (first, other) => headers([...line(first), ...second(other)]),
  }
}

function nameAndValue(line: string): Pair {
  const pair = line.split(';', 1)[0] ?? ''
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** What stands in a cookie when `token` takes the place of `access`: all of it, or the part before or behind the last dot. */
function piece(value: string, access: string, token: string): string | undefined {
  if (value === access) return token
  const [ours, theirs] = [cut(access), cut(token)]
  if (value === ours[0]) return theirs[0]
  return value === ours[1] ? theirs[1] : undefined
}

function cut(token: string): readonly [string, string] {
  const at = token.lastIndexOf('.')
  return at === -1 ? [token, ''] : [token.slice(0, at), token.slice(at + 1)]
}

/** As an object, for frameworks that take headers like that. */
export function headersOf(pairs: readonly Pair[] | undefined): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(pairs ?? []))
}
