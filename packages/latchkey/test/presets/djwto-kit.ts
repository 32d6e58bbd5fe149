/** An application behind the preset, as the original was recorded: four users, two protected views, a clock set by hand. */
import { createAuth, type Guard, signedIn } from '../../src/index.js'
import { type DjwtoSettings, djwto, jwtPermRequired } from '../../src/presets/index.js'
import { headOf } from '../../src/transport/head.js'
import { SECRET } from '../auth-kit.js'

export const SIGNING_KEY = 'the-key-of-an-application-that-came-from-djwto'
export const ORIGIN = 'https://localhost:18015'
/** The second in which the recordings began. */
const RECORDED_AT = 1_795_313_378

/** As the original was set up when it was recorded. */
const RECORDED = { DJWTO_ISS_CLAIM: 'iss', DJWTO_SUB_CLAIM: 'sub', DJWTO_AUD_CLAIM: 'aud' }

const VIEWS: Readonly<Record<string, { readonly guard: Guard; readonly says: string }>> = {
  '/testapp/protect/': { guard: signedIn, says: 'worked!' },
  '/testapp/perms_protect/': { guard: jwtPermRequired('perm1'), says: 'perms also worked!' },
}

export async function application(settings: Partial<DjwtoSettings> = {}) {
  const clock = { now: RECORDED_AT - 3_600 }
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    origin: ORIGIN,
    clock: () => clock.now,
    preset: djwto({ DJWTO_SIGNING_KEY: SIGNING_KEY, ...RECORDED, ...settings }),
    // The recordings log in more often than a person does.
    throttle: { account: { points: 1_000, seconds: 60 } },
  })
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries()) {
    const email = `${username}@djwto.com`
    await auth.users.create({
      id: String(index + 1),
      username,
      email,
      password: 'password',
      admin: username === 'root',
    })
  }
  await auth.users.disable('3')
  clock.now = RECORDED_AT
  return { auth, clock, send }

  async function send(request: Request): Promise<Response> {
    const view = VIEWS[new URL(request.url).pathname]
    if (!view) return (await auth.handle(request, { address: '192.0.2.1' })) ?? new Response(null, { status: 404 })
    try {
      const { context, failure } = await auth.authenticate(headOf(request))
      if (failure) throw failure
      await view.guard(context)
      return new Response(view.says, { headers: { 'content-type': 'text/html; charset=utf-8' } })
    } catch (error) {
      const { status, headers, body } = auth.reject(error, { method: request.method })
      return new Response(body, { status, headers })
    }
  }
}
