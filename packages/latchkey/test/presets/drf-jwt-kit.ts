/** An application behind the preset, as the originals were recorded: four users, a protected view, a clock set by hand. */
import { createAuth, signedIn } from '../../src/index.js'
import { type DrfJwtSettings, drfJwt } from '../../src/presets/index.js'
import { headOf } from '../../src/transport/head.js'
import { SECRET } from '../auth-kit.js'

export const KEY = 'the-key-of-an-application-that-came-from-django'
export const ORIGIN = 'https://api.example.com'

export async function application(settings: Partial<DrfJwtSettings>, now: number) {
  const clock = { now: now - 3_600 }
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    origin: ORIGIN,
    preset: drfJwt({ JWT_SECRET_KEY: KEY, ...settings }),
    // The recordings log in more often than a person does.
    throttle: { account: { points: 1_000, seconds: 60 } },
  })
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries()) {
    await auth.users.create({
      id: String(index + 1),
      username,
      password: 'password',
      email: `${username}@example.com`,
      admin: username === 'root',
    })
  }
  await auth.users.disable('3')
  clock.now = now
  const protectedView = async (request: Request): Promise<Response> => {
    const headers = { allow: 'GET, HEAD, OPTIONS', 'content-type': 'application/json' }
    try {
      const { context, failure } = await auth.authenticate(headOf(request))
      if (failure) throw failure
      await signedIn(context)
      const user = await context?.user()
      return new Response(JSON.stringify({ id: Number(user?.id), username: user?.username }), { headers })
    } catch (error) {
      const { status, headers: more, body } = auth.reject(error, { method: request.method })
      return new Response(body, { status, headers: { ...headers, ...more } })
    }
  }
  const send = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname === '/api/protected/') return protectedView(request)
    return (await auth.handle(request, { address: '192.0.2.1' })) ?? new Response('no such path', { status: 404 })
  }
  return { auth, clock, send }
}
