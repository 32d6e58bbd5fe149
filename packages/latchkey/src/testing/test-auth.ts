/** testAuth: an auth in a test, with a clock to move, callers without a login, defective tokens by name, and the attack. */
import { type Auth, type AuthOptions, createAuth } from '../auth.js'
import type { HookClaims, NeedsClaimsHook } from '../jwt/hook-types.js'
import type { ClaimsSchema } from '../jwt/schema.js'
import type { ClaimsOf } from '../jwt/schema-types.js'
import type { Account, User, UserStore } from '../stores/port.js'
import type { Accounts } from '../users/accounts.js'
import { systemClock } from '../util/time.js'
import { type Attack, createAttack } from './attack/attack.js'
import type { TestCaller } from './caller.js'
import { createCallers, type GraphqlCaller } from './callers.js'
import { lockedClock, type TestClock, testClock } from './clock.js'
import { type Defective, pick, type TokenDefect } from './defective.js'
import type { Defect } from './defects.js'
import { endedTokens } from './ended.js'
import type { TestPerson } from './person.js'

/** What `testAuth` may be told besides the auth. */
export interface TestAuthSettings {
  /** The clock that the auth was made with. */
  readonly clock?: TestClock
  /** How a client sends its token, where it is not `Authorization: Bearer`. */
  readonly carry?: (token: string) => Readonly<Record<string, string>>
  /** The origin that browsers see, for presets that look at `Referer`. */
  readonly origin?: string
}

/** Options of `createAuth`, with defaults for all that a test does not care about. */
export type TestAuthOptions<U extends User, C extends object, S extends ClaimsSchema> = Omit<
  AuthOptions<U, C, S>,
  'clock' | 'database' | 'secret' | 'users'
> &
  TestAuthSettings & { readonly database?: AuthOptions['database']; readonly secret?: AuthOptions['secret'] }

/** An auth under test. `U`: the user, `C`: the claims of the hook, `S`: the users table. */
export interface TestAuth<U extends User = User, C extends object = object, S = unknown> {
  /** What the application under test is given. */
  readonly auth: Auth<U, C, S>
  /** Shared by what issues and what verifies. */
  readonly clock: TestClock
  /**
   * Somebody who calls, signed in without a login. Throws a TypeError for a `sub` that the application's own table does not know, and
   * as `auth.tokens.issue`: `user_inactive`, `store_failed`.
   */
  as(person?: TestPerson<U, C>): Promise<GraphqlCaller<U, C>>
  /** Every defective token that can be made of the good one of a person. */
  defects(person?: TestPerson<U, C>): Promise<readonly Defect[]>
  /** A caller with the first defective token of a class. Throws a TypeError for a class that this auth has no token of. */
  defective(name: TokenDefect, person?: TestPerson<U, C>): Promise<Defective>
  /** Sends every defective token to every route, and tells what was let in. */
  readonly attack: Attack
}

/**
 * Takes an auth into a test: one that you have, or one that it makes of options, in memory and with a clock that stands still until a test
 * moves it. Callers are signed in without a login; in our own users table they are created, so give it no table that you keep.
 *
 * Throws `options_invalid`.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { type Auth, permission } from 'latchkey'
 * import { authenticate, authorize } from 'latchkey/hono'
 * import { testAuth } from 'latchkey/testing'
 * const blog = (auth: Auth) => new Hono().use(authenticate(auth)).get('/drafts', authorize(permission('posts:write')), (c) => c.json([]))
 *
 * const { auth, as, clock, attack } = testAuth()
 * const app = blog(auth)
 * const editor = await as({ sub: 'e-1', permissions: ['posts:*'] })
 * console.log((await app.request('/drafts', { headers: editor.headers })).status) // 200
 * clock.advance('6m')
 * console.log((await app.request('/drafts', { headers: editor.headers })).status) // 401
 * const report = await attack(app, ['GET /drafts'])
 * report.expectNothingLetIn()
 * ```
 */
export function testAuth<U extends User, C extends object, S>(
  auth: Auth<U, C, S>,
  settings?: TestAuthSettings,
): TestAuth<U, C, S>
export function testAuth<const C extends object = object, const S extends ClaimsSchema = ClaimsSchema>(
  options?: TestAuthOptions<Account, C, S> & NeedsClaimsHook<S> & { readonly users?: undefined },
): TestAuth<Account, HookClaims<C> & ClaimsOf<S>, Accounts>
export function testAuth<U extends User, const C extends object = object, const S extends ClaimsSchema = ClaimsSchema>(
  options: TestAuthOptions<U, C, S> & NeedsClaimsHook<S> & { readonly users: UserStore<U> },
): TestAuth<U, HookClaims<C> & ClaimsOf<S>, UserStore<U>>
export function testAuth<U extends User, C extends object>(
  given: object = {},
  settings: TestAuthSettings = {},
): TestAuth<U, C> {
  if ('authenticate' in given) return kitOf(given as Auth<U, C>, settings.clock ?? lockedClock(systemClock), settings)
  const { clock = testClock(), carry, ...options } = given as TestAuthOptions<U, C, ClaimsSchema>
  // A preset knows whether there is an issuer; its cookies need to know where they belong.
  const place = options.preset ? { origin: PLACE } : { issuer: PLACE }
  const all = { ...DEFAULTS, ...place, ...options, clock } as object as AuthOptions<U, C>
  const auth = createAuth(all as AuthOptions<U, C> & { readonly users: UserStore<U> })
  const { origin = all.issuer } = all
  return kitOf(auth as object as Auth<U, C>, clock, { ...(carry && { carry }), ...(origin && { origin }) })
}

const PLACE = 'https://api.example.com'

/** Nothing that is kept, and nothing that is secret. */
const DEFAULTS = {
  database: 'memory',
  secret: 'only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz',
  development: true,
}

function kitOf<U extends User, C extends object>(
  auth: Auth<U, C>,
  clock: TestClock,
  settings: TestAuthSettings,
): TestAuth<U, C> {
  const callers = createCallers<U, C>(auth, settings)
  const { as, tableOf, waysOf, again } = callers
  const defects = async (person?: TestPerson<U, C>) => tableOf(await as(person))
  return {
    auth,
    clock,
    as,
    defects,
    async defective(name, person) {
      const caller = await as(person)
      return pick(name, await all(caller), waysOf(caller))
    },
    attack: createAttack({ as: () => as({ permissions: ['*'] } as TestPerson<U, C>), tableOf: all, waysOf }),
  }

  async function all(caller: TestCaller): Promise<readonly Defect[]> {
    const ended = await endedTokens(auth, (person) => as(person as TestPerson<U, C>), caller, again)
    return [...(await tableOf(caller)), ...ended]
  }
}
