/** Callers of an auth of ours: a session each, by every transport that the auth has. */
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import type { GraphqlContext } from '../graphql/caller.js'
import { contextOf } from '../graphql/context.js'
import type { Key } from '../jwt/key.js'
import type { User } from '../stores/port.js'
import type { Tokens } from '../transport/transport.js'
import { callerOf, partOf, type TestCaller } from './caller.js'
import { byCookies, byHeaders, byScheme, type Carried } from './carrying.js'
import type { Defect } from './defects.js'
import { known, type TestPerson } from './person.js'
import { changed, defectsOf } from './signing.js'

/** A caller for whom GraphQL can be executed without a server. */
export interface GraphqlCaller<U extends User = User, C extends object = object> extends TestCaller<C> {
  /** The `contextValue` of an operation of theirs, as `contextOf(auth)` makes it. */
  context(): Promise<GraphqlContext<U, C>>
}

/** What is known of a caller besides what tests see. */
interface Facts {
  /** The ways of the attack, without the refresh token: a silent refresh would answer for what is tried. */
  readonly bare: readonly Carried[]
  readonly key: Key
  /** Another session of the same user. */
  readonly again: () => Promise<TestCaller>
}

interface CallersParts {
  readonly carry?: (token: string) => Readonly<Record<string, string>>
  readonly origin?: string
}

interface Callers<U extends User, C extends object> {
  as(person?: TestPerson<U, C>): Promise<GraphqlCaller<U, C>>
  tableOf(caller: TestCaller): Promise<readonly Defect[]>
  waysOf(caller: TestCaller): readonly Carried[]
  again(caller: TestCaller): Promise<TestCaller>
}

const LONGER_THAN_ANY = 20 * 365 * 86_400

const SCHEMES = ['Bearer', 'JWT', 'Token']

export function createCallers<U extends User, C extends object>(
  auth: Auth<U, C>,
  { carry, origin }: CallersParts,
): Callers<U, C> {
  const facts = new WeakMap<TestCaller, Facts>()
  const context = contextOf<U, C>(auth)
  let byHeader: Promise<Carried | undefined> | undefined
  let usesCookies: boolean | undefined
  return {
    as,
    tableOf,
    waysOf: (caller) => factsOf(caller).bare,
    again: (caller) => factsOf(caller).again(),
  }

  async function as(person: TestPerson<U, C> = {}): Promise<GraphqlCaller<U, C>> {
    const { user, claims } = await known<U>(auth, person)
    const { tokens, cookies } = await signIn(user, person.scopes?.join(' '))
    const key = await auth.keys.signer()
    byHeader ??= carry ? Promise.resolve(byHeaders(carry)) : headerWay(tokens.access)
    const header = await byHeader
    const jar = { cookies, access: tokens.access, refresh: tokens.refresh, origin }
    const cookie = [true, false].map((keepsRefresh) => byCookies(jar, keepsRefresh))
    const [ways = [], bare = []] = cookie.map((one) => [header, one].filter((way) => way !== undefined))
    const token = Object.keys(claims).length > 0 ? changed(tokens.access, claims, key) : tokens.access
    const parts = { subject: user.id, token, ways, refreshToken: tokens.refresh, sessionId: tokens.sessionId }
    const bareCaller = callerOf<C>(parts)
    const caller: GraphqlCaller<U, C> = Object.freeze({
      ...bareCaller,
      context: () => context(bareCaller.request('/graphql', { method: 'POST' })),
    })
    facts.set(caller, { bare, key, again: () => as({ ...person, user }) })
    return caller
  }

  /** By cookie where the auth has cookies: such a session can be had by header, too. */
  async function signIn(user: U, scope: string | undefined): Promise<{ tokens: Tokens; cookies: readonly string[] }> {
    const options = { ...(scope && { scope }) }
    if (usesCookies !== false) {
      const response = new Response()
      try {
        const tokens = await auth.login(response, user, { ...options, transport: 'cookie' })
        usesCookies = true
        return { tokens, cookies: response.headers.getSetCookie() }
      } catch (error) {
        if (usesCookies || !(error instanceof AuthError && error.code === 'request_invalid')) throw error
        usesCookies = false
      }
    }
    return { tokens: await auth.tokens.issue(user, options), cookies: [] }
  }

  /** The scheme that the auth reads; none where it reads cookies only. */
  async function headerWay(token: string): Promise<Carried | undefined> {
    for (const scheme of SCHEMES) {
      const header = (name: string) => (name === 'authorization' ? `${scheme} ${token}` : undefined)
      if ((await auth.authenticate({ method: 'GET', header })).context) return byScheme(scheme)
    }
    return undefined
  }

  async function tableOf(caller: TestCaller): Promise<readonly Defect[]> {
    // In the formats of presets a token may live as long as a session.
    const isOurs = partOf(caller.token, 0).typ === 'at+jwt'
    return defectsOf(caller.token, factsOf(caller).key, isOurs ? undefined : LONGER_THAN_ANY)
  }

  function factsOf(caller: TestCaller): Facts {
    const found = facts.get(caller)
    if (!found) throw new TypeError('this caller was made by another testAuth')
    return found
  }
}
