/** A signed-in user over the memory store, with a clock that tests set by hand. */
import { type AuthOptions, createAuth } from '../src/index.js'
import type { Account } from '../src/stores/port.js'

export const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
export const PASSWORD = 'correct horse battery'
export const ISSUER = 'https://api.example.com'

export type Kit = Awaited<ReturnType<typeof signedIn>>

/** An auth over an empty memory store, its clock, and a way to call its endpoints. */
function started(options: Partial<AuthOptions<Account>> = {}) {
  const clock = { now: 1_700_000_000 }
  const auth = createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    ...options,
    users: undefined,
  })
  return { auth, clock, call: caller(auth) }
}

/** The same with alice, who is signed in. */
export async function signedIn(options: Partial<AuthOptions<Account>> = {}) {
  const kit = started(options)
  const user = await kit.auth.users.create({
    username: 'alice',
    password: PASSWORD,
    email: 'alice@example.com',
    permissions: ['posts:*'],
  })
  const login = async () =>
    (await kit.call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })).body
  return { ...kit, user, login, tokens: await login() }
}

export interface CallOptions {
  readonly body?: unknown
  readonly raw?: string | Uint8Array
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly address?: string
}

/** Calls an endpoint in process and reads its answer as JSON where it is. */
export function caller(auth: {
  handle(request: Request, peer: { address: string | undefined }): Promise<Response | undefined>
}) {
  return async (
    method: string,
    path: string,
    { body, raw, token, headers = {}, address = '192.0.2.1' }: CallOptions = {},
  ) => {
    const all = new Headers(headers)
    if (token !== undefined) all.set('authorization', `Bearer ${token}`)
    if (body !== undefined) all.set('content-type', 'application/json')
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: all,
      body: (raw as string | undefined) ?? (body === undefined ? null : JSON.stringify(body)),
    })
    const response = await auth.handle(request, { address })
    if (!response) throw new Error(`no route for ${path}`)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
    }
  }
}
