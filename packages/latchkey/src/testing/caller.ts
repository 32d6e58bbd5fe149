/** Somebody who calls the application under test: a token, and the headers of every way in which it travels. */
import type { Claims } from '../jwt/jws.js'
import { type Carried, headersOf } from './carrying.js'

/** Who calls, ready for supertest, `inject`, `app.request` and `fetch`. */
export interface TestCaller<C extends object = object> {
  /** The user that the token stands for. */
  readonly subject: string
  /** The access token. */
  readonly token: string
  /** Absent where there is none. */
  readonly refreshToken: string | undefined
  /** Absent where no session of ours stands behind the token. */
  readonly sessionId: string | undefined
  /** What the token says. */
  readonly claims: Claims & C
  /** The headers of a client: `authorization` where the application takes it, else cookies and their CSRF token. */
  readonly headers: Readonly<Record<string, string>>
  /** The headers of a browser: its cookies and their CSRF token. Absent where the application uses no cookies. */
  readonly cookieHeaders: Readonly<Record<string, string>> | undefined
  /** A request of theirs, for whatever takes one: `app.fetch(caller.request('/posts'))`. */
  request(path?: string, init?: RequestInit): Request
}

/** What a caller is made of. */
export interface CallerParts<C extends object> extends Pick<TestCaller<C>, 'subject' | 'refreshToken' | 'sessionId'> {
  readonly token: string
  readonly ways: readonly Carried[]
}

export function callerOf<C extends object>({
  subject,
  token,
  ways,
  refreshToken,
  sessionId,
}: CallerParts<C>): TestCaller<C> {
  const claims = claimsOf(token) as Claims & C
  const all = ways.map((way) => ({ name: way.name, headers: headersOf(way.carry(token)) }))
  const headers = all[0]?.headers ?? {}
  return Object.freeze({
    subject,
    token,
    refreshToken,
    sessionId,
    claims,
    headers,
    cookieHeaders: all.find(({ name }) => name === 'cookie')?.headers,
    request(path = '/', init: RequestInit = {}): Request {
      const mine = new Headers(init.headers)
      for (const [name, value] of Object.entries(headers)) if (!mine.has(name)) mine.set(name, value)
      return new Request(new URL(path, 'http://localhost'), { ...init, headers: mine })
    },
  })
}

/** The claims of a token that was just made here: nothing is verified. */
export function claimsOf(token: string): Claims {
  return partOf(token, 1)
}

/** The header or the payload of a token that was just made here. */
export function partOf(token: string, at: 0 | 1): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : {}
  } catch {
    return {}
  }
}
