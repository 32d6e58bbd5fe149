/** An application behind the preset, as the original was recorded: four users, a protected view, a clock set by hand. */
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
