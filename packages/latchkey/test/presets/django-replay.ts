/** Replays recordings whose tokens travel in headers, bodies and cookies, and shows both answers without what differs from day to day. */
import { createHmac } from 'node:crypto'
import type { Recording } from './replay.js'

/** A recording with the cookies that were set. */
export type CookieRecording = Recording & { readonly response: { readonly set_cookie: readonly string[] } }

/** An answer in a form that can be compared: tokens as what they say, dates and random text masked. */
export interface Shown {
  readonly status: number
  readonly challenge: string | null
  readonly allow: string | null
  readonly type: string | null
  readonly cookies: readonly string[]
  readonly body: string
}

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g
const CSRF = /\b[\dA-Za-z]{64}\b/g

export interface ReplayParts {
  readonly key: string
  readonly origin: string
  /** Whether a token that was made for the test must not be genuine. */
  forged(label: string): boolean
  send(request: Request): Promise<Response>
}

/** Knows which of our tokens stands for which of the original's, and signs anew those that were made for a test. */
export function createReplay({ key, origin, forged, send }: ReplayParts) {
  const ours = new Map<string, string>()
  return {
    replay,
    learn: (old: string, fresh: string): void => void ours.set(old, fresh),
    ours: (old: string) => ours.get(old),
  }

  async function replay({
    label,
    request,
    response: original,
  }: CookieRecording): Promise<{ ours: Shown; original: Shown }> {
    const translate = (text: string) =>
      text
        .replace(TOKEN, (token) => ours.get(token) ?? signed(token, label))
        .replace(CSRF, (one) => ours.get(one) ?? one)
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, translate(value)])
    const body = request.body === null ? null : translate(request.body)
    const response = await send(new Request(`${origin}${request.path}`, { method: request.method, headers, body }))
    const text = await response.text()
    const cookies = response.headers.getSetCookie()
    learnFrom(original.body, text)
    for (const old of original.set_cookie) {
      const name = old.slice(0, old.indexOf('='))
      learnFrom(old, cookies.find((one) => one.startsWith(`${name}=`)) ?? '')
    }
    const { status } = original
    return {
      ours: show(response.status, response.headers, cookies, text),
      original: show(status, new Headers(original.headers), original.set_cookie, original.body),
    }
  }

  function signed(token: string, label: string): string {
    const [header = '', payload = ''] = token.split('.')
    const mac = createHmac('sha256', forged(label) ? `not ${key}` : key).update(`${header}.${payload}`)
    return `${header}.${payload}.${mac.digest('base64url')}`
  }

  /** What stands in both at the same place means the same. */
  function learnFrom(theirs: string, mine: string): void {
    for (const pattern of [TOKEN, CSRF]) {
      const fresh = mine.match(pattern) ?? []
      for (const [at, old] of (theirs.match(pattern) ?? []).entries()) {
        const found = fresh[at]
        if (found !== undefined) ours.set(old, found)
      }
    }
  }
}

function show(status: number, headers: Headers, cookies: readonly string[], body: string): Shown {
  return {
    status,
    challenge: headers.get('www-authenticate'),
    allow: headers.get('allow'),
    type: headers.get('content-type')?.split(';', 1)[0] ?? null,
    cookies: cookies.map(shown),
    body: shown(body),
  }
}

const shown = (text: string): string =>
  text
    .replace(TOKEN, (token) => {
      const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
      return `${header} ${claimsIn(payload)}`
    })
    .replace(/(?<=_payload=)"?([\w+/=-]+)"?/, (_, value: string) => spaced(Buffer.from(value, 'base64').toString()))
    .replace(/(?<=csrftoken=)[\dA-Za-z]{64}/, '64 characters')
    .replace(/(?<=expires=)\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT/, 'a date')

/** In their order; the session claim of ours is left out. */
const claimsIn = (payload: string): string => JSON.stringify(JSON.parse(payload, masked))

/** The open cookie is compared to the letter, spaces included. */
const spaced = (json: string): string =>
  json
    .replace(/"sid": "[^"]*", /, '')
    .replace(/"(exp|iat|refresh_iat)": \d+/g, '"$1": seconds')
    .replace(/"jti": "[\da-f-]{36}"/, '"jti": uuid')

function masked(this: unknown, name: string, value: unknown): unknown {
  if (name === 'sid') return undefined
  if (['exp', 'iat', 'refresh_iat'].includes(name)) return Number.isSafeInteger(value) ? 'seconds' : value
  if (name === 'token_string') return /^[\dA-Za-z]{30}$/.test(String(value)) ? '30 characters' : value
  if (name !== 'jti') return value
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(String(value)) ? 'uuid' : value
}
