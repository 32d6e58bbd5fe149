/** An application behind the preset, as the originals were recorded: four users, a protected view, a clock set by hand. */
import { createAuth } from '../../src/index.js'
import { type DrfJwtSettings, drfJwt } from '../../src/presets/index.js'
import { SECRET } from '../auth-kit.js'
import { withProtectedView } from './django-view.js'

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
  const send = withProtectedView(auth)
  return { auth, clock, send }
}
