/** The same application twice: Django with simplejwt, and the preset in its place, with one key and the same four users. */
import { createHmac } from 'node:crypto'
import { type AuthOptions, createAuth } from '../../src/index.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import type { Account } from '../../src/stores/port.js'
import type { Accounts } from '../../src/users/accounts.js'
import { SECRET } from '../auth-kit.js'
import { withProtectedView } from '../presets/django-view.js'

export const SIGNING_KEY = 'the-key-of-an-application-that-came-from-django'
export const CREDENTIALS = { username: 'alice', password: 'password' }

/** Sends a request to one of the two. */
type Send = (path: string, init: RequestInit) => Promise<Response>

/** What clients of either do. */
export type Side = ReturnType<typeof side>

export function side(send: Send) {
  const post = (path: string, body: unknown) =>
    send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(
      answer,
    )
  return {
    post,
    obtain: async (credentials: object = CREDENTIALS) => (await post('/api/token/', credentials)).body,
    refresh: (refresh: unknown) => post('/api/token/refresh/', { refresh }),
    verify: (token: unknown) => post('/api/token/verify/', { token }),
    view: (token: string) => send('/api/protected/', { headers: { authorization: `Bearer ${token}` } }).then(answer),
  }
}

async function answer(response: Response) {
  const body = await response.json()
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body }
}

export const django = (url: string): Side => side((path, init) => fetch(`${url}${path}`, init))

/** The preset with these settings, its users called and numbered as Django's are. */
export async function latchkey(settings: SimpleJwtSettings, options: Partial<AuthOptions<Account>> = {}) {
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    throttle: { account: { points: 1_000, seconds: 60 } },
    ...options,
    users: undefined,
    preset: simplejwt(settings),
  })
  await people(auth)
  const send = withProtectedView(auth)
  return { auth, send, ...side((path, init) => send(new Request(`http://localhost${path}`, init))) }
}

export async function people(auth: { readonly users: Accounts }): Promise<void> {
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries()) {
    // Hashing takes long, and nobody else logs in.
    const password = username === 'alice' ? { password: 'password' } : {}
    await auth.users.create({ id: String(index + 1), username, admin: username === 'root', ...password })
  }
  await auth.users.disable('3')
}

/** A token as Django signs it, whatever it says. */
export function signed(claims: object, key = SIGNING_KEY, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

export const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
