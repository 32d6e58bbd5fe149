/** An application behind the preset, as the original was recorded: four users, three views, a clock set by hand. */
import { createAuth, signedIn } from '../../src/index.js'
import { type CookieJwtauthSettings, cookieJwtauth } from '../../src/presets/index.js'
import { headOf } from '../../src/transport/head.js'
import { SECRET } from '../auth-kit.js'

export const SIGNING_KEY = 'the-key-of-an-application-that-came-from-jwtauth'
export const ORIGIN = 'https://localhost:18016'
/** The second in which the recordings began. */
const RECORDED_AT = 1_795_313_450

export async function application(settings: Partial<CookieJwtauthSettings> = {}, database = 'memory') {
  const clock = { now: RECORDED_AT - 3_600 }
  const auth = createAuth({
    database,
    secret: SECRET,
    origin: ORIGIN,
    clock: () => clock.now,
    preset: cookieJwtauth({ SIGNING_KEY, ...settings }),
    throttle: { account: { points: 1_000, seconds: 60 } },
  })
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries()) {
    const id = String(index + 1)
    if (!(await auth.users.byId(id)))
      await auth.users.create({ id, username, password: 'password', admin: username === 'root' })
  }
  await auth.users.disable('3')
  clock.now = RECORDED_AT
  return { auth, clock, send }

  async function send(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (auth.serves(pathname)) return (await auth.handle(request, { address: '192.0.2.1' })) as Response
    const headers = new Headers({ allow: `GET, ${pathname === '/logged_/' ? 'HEAD, ' : ''}OPTIONS` })
    const { context, failure, delivery } = await auth.authenticate(headOf(request))
    for (const cookie of delivery?.cookies ?? []) headers.append('set-cookie', cookie)
    if (pathname === '/username/') {
      headers.set('content-type', 'application/json')
      return new Response(JSON.stringify({ username: context ? (await context.user()).username : '' }), { headers })
    }
    try {
      if (failure) throw failure
      await signedIn(context)
      return new Response(null, { status: 204, headers })
    } catch (error) {
      const rejection = auth.reject(error, { method: request.method })
      for (const [name, value] of Object.entries(rejection.headers)) if (name !== 'allow') headers.set(name, value)
      return new Response(rejection.body, { status: rejection.status, headers })
    }
  }
}
