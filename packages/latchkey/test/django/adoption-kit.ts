/** The preset over any store, and Django's tokens for its users, signed with its key. */
import { type Auth, createAuth } from '../../src/index.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import type { Account, Stores } from '../../src/stores/port.js'
import { SECRET } from '../auth-kit.js'
import { intercepted } from '../races/kit.js'
import { memory } from '../stores/kit.js'
import { SIGNING_KEY, signed } from './kit.js'

export const DAY = 86_400
export const ROTATING = { ROTATE_REFRESH_TOKENS: true }
export type Settings = Partial<SimpleJwtSettings>
type Make = () => ReturnType<typeof memory>

/** The preset over a store, and Django's tokens for alice, who is user 1 at both. */
export async function world(make: Make = memory, settings: Settings = {}, before?: (name: string) => unknown) {
  const { stores, clock, cleanup } = await make()
  const one = (database: Stores = stores) => {
    const preset = simplejwt({ SIGNING_KEY, REFRESH_TOKEN_LIFETIME: '7d', ...settings })
    return createAuth({ database, secret: SECRET, clock: () => clock.now, preset })
  }
  const auth = one(before && intercepted(stores, before))
  for (const [id, username] of ['alice', 'bob'].entries()) await auth.users.create({ id: String(id + 1), username })
  let made = 0
  const issued = (more: object = {}) => {
    const jti = (++made).toString(16).padStart(32, '0')
    return { token_type: 'refresh', exp: clock.now + 7 * DAY, iat: clock.now, jti, user_id: 1, ...more }
  }
  const others: Auth[] = []
  return {
    ...{ auth, clock, stores, issued },
    django: (more: object = {}) => signed(issued(more)),
    sessions: (user = '1') => stores.sessions.list(user),
    /** Another process over the same store. */
    replica: () => {
      const other = one()
      others.push(other)
      return other
    },
    end: async () => {
      for (const each of [auth, ...others]) await each.close()
      await cleanup()
    },
  }
}

/** What a refresh token buys, or the code of its refusal. */
export const said = (auth: Auth<Account>, token: string): Promise<string> =>
  auth.tokens.refresh(token).then(
    () => 'good',
    (error) => error.code ?? String(error),
  )
