/** The endpoints of simplejwt: obtain, refresh, verify, blacklist, and the two of sliding tokens. */
import type { Answer, Call, Field, OwnRoute, RouteTools, SignedIn } from '../../endpoints/surface.js'
import { AuthError, type ErrorCode } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import type { User } from '../../stores/port.js'
import { refused } from '../../tokens/format.js'
import { claimsBehind, withClaims } from '../../tokens/refused.js'
import { SLIDING, TYPES } from './format.js'
import { type Passwords, passwordChanged } from './password.js'
import type { ReadSettings, SimpleJwtMembers, SimpleJwtPath, SimpleJwtSerializer } from './settings.js'

type Input = Parameters<OwnRoute['run']>[0]
/** The answer, before a serializer of the application's own has its say. */
interface Done {
  readonly data: SimpleJwtMembers
  readonly user?: User
  /** What began with this answer, and ends if it is not given. */
  readonly sessionId?: string
}
type Work = (input: Input, call: Call, tools: RouteTools) => Promise<Done | Answer>

/** What the original puts in the place of a password that it tells of. */
const STARS = '********************'
const BLACKLISTED: Answer = { status: 400, body: { non_field_errors: ['Token is blacklisted'] } }

const ENDED: readonly ErrorCode[] = ['token_revoked', 'session_revoked']

const token = (from: string): OwnRoute['fields'] => ({ token: { from, max: 8_192 } })

export function simplejwtRoutes(settings: ReadSettings, passwords: Passwords | undefined): readonly OwnRoute[] {
  const { paths, hooks, rotates, blacklists, tellsLogins, usernameField, claims: names } = settings
  const credentials: Readonly<Record<string, Field>> = {
    username: { from: usernameField },
    password: { from: 'password' },
  }
  const all: readonly (OwnRoute | false)[] = [
    row('obtain', credentials, obtain, hooks.TOKEN_OBTAIN_SERIALIZER, 'Obtain a pair of tokens'),
    row(
      'refresh',
      token('refresh'),
      refresh,
      hooks.TOKEN_REFRESH_SERIALIZER,
      'Obtain an access token by a refresh token',
    ),
    row('verify', token('token'), verify, hooks.TOKEN_VERIFY_SERIALIZER, 'Tell whether a token is genuine and in time'),
    row(
      'blacklist',
      token('refresh'),
      blacklist,
      hooks.TOKEN_BLACKLIST_SERIALIZER,
      'End the session of a refresh token',
    ),
    row('sliding', credentials, slide, hooks.SLIDING_TOKEN_OBTAIN_SERIALIZER, 'Obtain a sliding token'),
    row('sliding_refresh', token('token'), slideOn, hooks.SLIDING_TOKEN_REFRESH_SERIALIZER, 'Renew a sliding token'),
  ]
  return all.filter((route) => route !== false)

  function row(
    name: SimpleJwtPath,
    fields: OwnRoute['fields'],
    work: Work,
    serializer: SimpleJwtSerializer<User> | undefined,
    summary: string,
  ): OwnRoute | false {
    const path = paths[name]
    return path !== null && { method: 'POST', path, fields, run, summary }

    async function run(input: Input, call: Call, tools: RouteTools): Promise<Answer> {
      const done = await work(input, call, tools)
      if (!('data' in done)) return done
      const about = { user: done.user, request: call.head }
      try {
        return { status: 200, body: serializer?.validate ? await serializer.validate(done.data, about) : done.data }
      } catch (error) {
        if (done.sessionId !== undefined) await tools.revoke({ session: done.sessionId })
        throw error
      }
    }
  }

  async function obtain(input: Input, call: Call, tools: RouteTools): Promise<Done> {
    const { tokens, user } = await logIn(input, call, tools)
    await tell(user, call)
    return { data: { refresh: tokens.refresh, access: tokens.access }, user, sessionId: tokens.sessionId }
  }

  async function slide(input: Input, call: Call, tools: RouteTools): Promise<Done> {
    const { tokens, user } = await logIn(input, call, tools, SLIDING)
    await tell(user, call)
    return { data: { token: tokens.access }, user, sessionId: tokens.sessionId }
  }

  async function tell(user: User, { head }: Call): Promise<void> {
    if (tellsLogins) await hooks.ON_LOGIN_SUCCESS?.(user, head)
  }

  async function logIn(
    { username, password }: Input,
    call: Call,
    { operations }: RouteTools,
    form?: string,
  ): Promise<SignedIn> {
    try {
      return await operations.login({ username: String(username), password: String(password), form }, call)
    } catch (error) {
      if (error instanceof AuthError && error.code === 'login_failed')
        await hooks.ON_LOGIN_FAILED?.({ [usernameField]: username, password: STARS }, call.head)
      throw error
    }
  }

  function refresh({ token: given }: Input, call: Call, tools: RouteTools): Promise<Done> {
    return underPassword(String(given), tools, async () => {
      const { tokens, user } = await tools.operations.refresh({ token: String(given) }, call)
      return { data: { access: tokens.access, ...(rotates && { refresh: tokens.refresh }) }, user }
    })
  }

  /** A new password has ended the session of the old one: its tokens are refused for that, and not for having been ended. */
  async function underPassword(given: string, { tokens, users }: RouteTools, work: () => Promise<Done>): Promise<Done> {
    if (!passwords) return work()
    const claims = await tokens.inspect(given).catch(claimsOfRefused)
    if (claims && (await passwords.outdated(claims, users))) throw passwordChanged()
    try {
      return await work()
    } catch (error) {
      const ended = error instanceof AuthError && ENDED.includes(error.code)
      throw ended && claims && (await passwords.changed(claims, users)) ? passwordChanged() : error
    }
  }

  async function verify(
    { token: given }: Input,
    call: Call,
    { tokens, operations }: RouteTools,
  ): Promise<Done | Answer> {
    try {
      const { claims } = await operations.verify({ token: String(given) }, call)
      if (blacklists && claims[names.type] === 'refresh') await requireCurrent(String(given), tokens)
      return { data: {} }
    } catch (error) {
      if (blacklists && error instanceof AuthError && ENDED.includes(error.code)) return BLACKLISTED
      throw error
    }
  }

  /** Of a refresh token without a session here nothing is known but that it is genuine. */
  async function requireCurrent(given: string, tokens: RouteTools['tokens']): Promise<void> {
    try {
      if ((await tokens.look(given)).superseded) throw new AuthError('session_revoked')
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'refresh_invalid') throw error
    }
  }

  async function blacklist({ token: given }: Input, call: Call, { tokens, operations }: RouteTools): Promise<Done> {
    const { superseded } = await tokens.look(String(given))
    // Whoever brings an old token means the session all the same; nothing else of the request names one.
    await operations.logout({ token: String(given) }, { ...call, authentication: async () => ({}) })
    if (superseded && blacklists) throw new AuthError('session_revoked')
    return { data: {} }
  }

  function slideOn({ token: given }: Input, call: Call, tools: RouteTools): Promise<Done> {
    return underPassword(String(given), tools, () => renewed(String(given), call, tools))
  }

  async function renewed(given: string, call: Call, { tokens, clock }: RouteTools): Promise<Done> {
    const { claims } = await tokens.verify(given)
    if (claims[names.type] !== TYPES.SlidingToken) throw withClaims(refused('typ'), claims)
    const end = claims[names.refreshExp]
    if (end === undefined) throw withClaims(refused('exp'), claims)
    if (!(typeof end === 'number' && end > clock())) throw withClaims(new AuthError('refresh_expired'), claims)
    const next = await tokens.refresh(given, call.head, { form: SLIDING })
    return { data: { token: next.tokens.access }, user: next.user }
  }
}

/** What a token that is over or ended said: it may still be told why. */
const claimsOfRefused = (error: unknown): Claims | undefined =>
  error instanceof AuthError ? claimsBehind(error) : undefined
