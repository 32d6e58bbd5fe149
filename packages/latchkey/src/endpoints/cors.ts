/** Which pages of other origins may read our answers (the CORS protocol of the Fetch standard): those that are listed, to the letter. */
import type { RequestHead } from '../transport/head.js'

export interface Cors {
  /** The headers of an answer; `vary` is what the answer says already. */
  headers(head: RequestHead, vary: string | undefined): Readonly<Record<string, string>>
  /** What else a browser is told that asks before it sends anything; needs no cookie. */
  preflight(head: RequestHead, methods: readonly string[]): Readonly<Record<string, string>>
}

/** Browsers ask again after this many seconds, so that an origin that is taken off the list is out soon. */
const PREFLIGHT_SECONDS = 600

/** `asked`: the headers that requests here may have besides those that every page may send. */
export function createCors(origins: ReadonlySet<string>, asked: readonly string[]): Cors {
  return { headers, preflight }

  function headers(head: RequestHead, vary: string | undefined): Readonly<Record<string, string>> {
    const varies = { vary: vary === undefined ? 'Origin' : /\borigin\b/i.test(vary) ? vary : `${vary}, Origin` }
    const origin = head.header('origin')
    if (origin === undefined || !origins.has(origin)) return varies
    return {
      ...varies,
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Retry-After, WWW-Authenticate',
    }
  }

  function preflight(head: RequestHead, methods: readonly string[]): Readonly<Record<string, string>> {
    const origin = head.header('origin')
    if (head.header('access-control-request-method') === undefined || origin === undefined || !origins.has(origin))
      return {}
    return {
      'access-control-allow-methods': methods.filter((method) => method !== 'OPTIONS').join(', '),
      'access-control-allow-headers': asked.join(', '),
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    }
  }
}
