/** A browser in a few lines: keeps the cookies that it is sent, sends them where they belong, and says where a request comes from. */
import { type AuthOptions, createAuth, oneCookie, splitCookies } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { type CallOptions, caller, ISSUER, PASSWORD, SECRET } from '../auth-kit.js'

export const SITE = { origin: ISSUER, 'sec-fetch-site': 'same-origin' }
/** Both modes, by name. */
export const MODES = { 'one cookie': oneCookie, 'split cookies': splitCookies } as const

interface Kept {
  readonly value: string
  readonly attributes: ReadonlyMap<string, string>
}

/** An auth whose tokens travel in cookies, alice, and a browser that has not been here before. */
export async function withBrowser(options: Partial<AuthOptions<Account>> = {}) {
  const clock = { now: 1_700_000_000 }
  const auth = createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    transports: [oneCookie()],
    ...options,
    users: undefined,
  })
  const user = await auth.users.create({ username: 'alice', password: PASSWORD, permissions: ['posts:*'] })
  const call = caller(auth)
  const browse = () => browser(call)
  return { auth, clock, user, call, browse, ...browse() }
}

export function browser(call: ReturnType<typeof caller>) {
  const jar = new Map<string, Kept>()
  return {
    jar,
    names: () => [...jar.keys()].sort(),
    cookie,
    csrf,
    send,
    login,
    take: (lines: readonly string[]) => lines.forEach(keep),
  }

  /** The `Cookie` header for a path; `instead`: values that somebody planted, and `''` for a cookie that is gone. */
  function cookie(path: string, instead: Readonly<Record<string, string>> = {}): string {
    const fitting = [...jar].filter(([, { attributes }]) => path.startsWith(attributes.get('path') ?? '/'))
    const all = { ...Object.fromEntries(fitting.map(([name, { value }]) => [name, value])), ...instead }
    const pairs = Object.entries(all).filter(([, value]) => value !== '')
    return pairs.map(([name, value]) => `${name}=${value}`).join('; ')
  }

  function csrf(): Record<string, string> {
    const [, kept] = [...jar].find(([name]) => name.endsWith('csrf_token')) ?? []
    return kept ? { 'x-csrf-token': kept.value } : {}
  }

  /** As a page of our own: with cookies, the CSRF header, and what browsers say of themselves. Headers that are given replace those. */
  async function send(method: string, path: string, { headers = {}, ...rest }: CallOptions = {}) {
    const cookies = cookie(path)
    const usual = { ...SITE, ...(cookies && { cookie: cookies }), ...(method === 'GET' ? {} : csrf()) }
    const all = Object.fromEntries(Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== ''))
    const answer = await call(method, path, { ...rest, headers: all })
    for (const line of answer.headers.getSetCookie()) keep(line)
    return { ...answer, code: answer.body?.code as string | undefined, cookies: answer.headers.getSetCookie() }
  }

  function login(more: object = {}) {
    return send('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD, ...more } })
  }

  function keep(line: string): void {
    const [pair = '', ...rest] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    const attributes = new Map(rest.map((one) => [one.split('=', 1)[0]?.toLowerCase() ?? '', one.split('=')[1] ?? '']))
    if (attributes.get('max-age') === '0') jar.delete(name)
    else jar.set(name, { value: pair.slice(name.length + 1), attributes })
  }
}

/** The layer of the CSRF check that refused; whatever else an answer is, by its status and code. */
export const csrfVerdict = ({ status, body }: { status: number; body?: { code?: string; layer?: string } }): string =>
  status === 403 && body?.code === 'csrf_failed' ? String(body.layer) : `${status} ${body?.code}`
