/** An application behind the preset, as the original was recorded: four users, a protected view, a clock set by hand. */
import { createHmac } from 'node:crypto'
import { createAuth } from '../../src/index.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import { SECRET } from '../auth-kit.js'
import { withProtectedView } from './django-view.js'

export const SIGNING_KEY = 'the-key-of-an-application-that-came-from-django'
/** The second in which most of the recordings were made. */
export const RECORDED_AT = 1_795_312_931

export async function application(settings: Partial<SimpleJwtSettings> = {}) {
  const clock = { now: RECORDED_AT - 3_600 }
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    preset: simplejwt({ SIGNING_KEY, ...settings }),
    // The recordings log in more often than a person does.
    throttle: { account: { points: 1_000, seconds: 60 } },
  })
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries()) {
    await auth.users.create({ id: String(index + 1), username, password: 'password', admin: username === 'root' })
  }
  await auth.users.disable('3')
  clock.now = RECORDED_AT
  const send = withProtectedView(auth)
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await send(
      new Request(`http://localhost${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const view = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await send(new Request('http://localhost/api/protected/', { headers }))
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  return { auth, clock, send, post, view }
}

export const CREDENTIALS = { username: 'alice', password: 'password' }
export const BOTH = { AUTH_TOKEN_CLASSES: ['rest_framework_simplejwt.tokens.AccessToken', 'SlidingToken'] }
export const ALONE = { AUTH_TOKEN_CLASSES: ['SlidingToken'] }
export const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())

/** A token as the original makes it. */
export function foreign(claims: object): string {
  const usual = { exp: RECORDED_AT + 300, iat: RECORDED_AT, jti: 'f'.repeat(32), user_id: 1 }
  const text = [
    { alg: 'HS256', typ: 'JWT' },
    { ...usual, ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${createHmac('sha256', SIGNING_KEY).update(text).digest('base64url')}`
}

/** An application and its endpoints, one function each. */
export async function conversation(settings: Partial<SimpleJwtSettings> = {}) {
  const app = await application(settings)
  const path = settings.AUTH_TOKEN_CLASSES === ALONE.AUTH_TOKEN_CLASSES ? '/api/token/' : '/api/sliding/'
  return {
    ...app,
    obtain: async () => (await app.post('/api/token/', CREDENTIALS)).body,
    slide: async () => (await app.post(path, CREDENTIALS)).body.token as string,
    slideOn: (token: string) => app.post(`${path}refresh/`, { token }),
    blacklist: (refresh: string) => app.post('/api/token/blacklist/', { refresh }),
    verify: (token: string) => app.post('/api/token/verify/', { token }),
    refresh: (refresh: string) => app.post('/api/token/refresh/', { refresh }),
  }
}
