/** The token service: starts sessions, hands out and renews their tokens, verifies, ends. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { Claims } from '../jwt/jws.js'
import type { Keyring } from '../keys/keyring.js'
import type { ServerSecrets } from '../keys/seal.js'
import type { FoundSession, Session, Stores, User, UserStore } from '../stores/port.js'
import type { RequestHead } from '../transport/head.js'
import type { Clock } from '../util/time.js'
import type { AccessTokens } from './access.js'
import { createAdoption } from './adoption.js'
import type { Endings } from './endings.js'
import { type AccessForm, type ForeignRefresh, type PresentedParts, parseOpaque, type TokenFormat } from './format.js'
import { type IssueOptions, newSession, type TokenSettings } from './new-session.js'
import { createPair } from './pair.js'
import { createRefreshTokens } from './refresh.js'
import { claimsBehind, withClaims } from './refused.js'
import type { Tokens } from './tokens.js'
import type { Verified } from './verified.js'

/** A renewed pair and whose it is. */
export interface Renewed<U extends User> {
  readonly tokens: Tokens
  readonly user: U
}

/** How a refresh token is redeemed. */
export interface RefreshOptions {
  /** Whether it stays, and only the access token is new: where a preset has an endpoint for either. Default false. */
  readonly keep?: boolean
  /** The name of a form of access token that renews itself: no refresh token is redeemed, but that access token. */
  readonly form?: string
  /** Whose the token is, where another system signed it that does not know users by their ids here. */
  readonly subject?: string
}

/** What an authentic refresh token stands for. */
export interface Looked {
  readonly session: Session
  /** Whether another one took its place. */
  readonly superseded: boolean
}

/** Issues, verifies, refreshes: what the endpoints do, without HTTP. */
export interface TokenService<U extends User = User> {
  /** Starts a session for a user and hands out its tokens. Throws `user_inactive`, `store_failed`. */
  issue(user: U, options?: IssueOptions): Promise<Tokens>
  /** Verifies an access token. Throws the `token_*` codes and `claims_invalid`. A promise only when something has to be loaded first. */
  verify(token: string): Verified | Promise<Verified>
  /** Judges a verified token by a read of the store that begins now. Throws `token_revoked`, `token_stale`, `store_failed`, `overloaded`. */
  checkNow(token: Verified): Promise<void>
  /** As `verify`, for a token that renews itself: it may be stale. */
  renewable(token: string): Promise<Pick<Verified, 'subject' | 'sessionId' | 'claims'>>
  /** The claims of a good access token, or of whatever else a preset's verify endpoint shows. Throws as `verify`. */
  inspect(token: string): Promise<Claims>
  /** Redeems a refresh token (in the mode `single`: the access token). Throws `refresh_invalid`, `refresh_expired`, `refresh_reused`, `session_revoked`, `user_inactive`. */
  refresh(token: string, head?: RequestHead, options?: RefreshOptions): Promise<Renewed<U>>
  /** Fresh tokens for a living session, without a refresh token: after a password change, say. */
  reissue(sessionId: string): Promise<Renewed<U>>
  /** The id of the session that a refresh token names (in the mode `single`: an access token). For a CSRF token, not for a decision: nothing is looked up. */
  sessionNamedBy(token: string): Promise<string | undefined>
  /** The session of an authentic refresh token, whatever became of it; `undefined` for anything else. */
  sessionOf(refreshToken: string): Promise<Session | undefined>
  /** Looks at a refresh token without redeeming it. Throws `refresh_invalid`, `refresh_expired`, `session_revoked`. */
  look(refreshToken: string): Promise<Looked>
}

export interface ServiceParts<U extends User> {
  readonly stores: Pick<Stores, 'sessions' | 'revocations'>
  readonly users: UserStore<U>
  readonly access: AccessTokens
  readonly row: { readonly iss: string | undefined; readonly keys: Keyring }
  readonly format: TokenFormat
  readonly secrets: ServerSecrets
  readonly endings: Endings
  readonly events: Events
  readonly clock: Clock
  readonly settings: TokenSettings
  readonly claimsOf: (user: U, session: Session) => Promise<Claims>
  readonly partOf: (user: U) => Promise<Readonly<Record<string, unknown>>>
}

export function createTokenService<U extends User>(deps: ServiceParts<U>): TokenService<U> {
  const { stores, users, access, format, secrets, endings, events, clock, settings } = deps
  const adoption = createAdoption({ stores, access, endings, secrets, events, clock, settings })
  const refreshing = createRefreshTokens<U>({
    sessions: stores.sessions,
    secrets,
    graceSeconds: settings.graceSeconds,
    rotating: settings.mode === 'rotating',
    dated: format.refresh !== undefined,
    admit: activeUser,
    adoption,
    end: (session, because, generation) => endings.session(session, because, generation),
  })
  const { verify, checkNow, inspect, renewable } = access
  // Without refresh tokens no secret is needed, so a session outlives the one that it began under.
  const partsOf = (one: Session) => (settings.mode === 'single' ? undefined : refreshing.parts(one))
  const pair = createPair<U>({ ...deps, partsOf })
  const reissue = (sessionId: string) => reissueAs(sessionId)
  return { issue, verify, checkNow, inspect, renewable, refresh, reissue, sessionNamedBy, sessionOf, look }

  async function issue(user: U, options: IssueOptions = {}): Promise<Tokens> {
    const stamp = options.stamp ?? (await stores.revocations.stamp())
    if (user.active === false) throw new AuthError('user_inactive')
    const form = formOf(options.form)
    const numbers = form
      ? { ...settings, refreshSeconds: form.sessionSeconds, idleSeconds: form.sessionSeconds }
      : settings
    const facts = { settings: numbers, secretId: secrets.current().id, now: clock() }
    const session = newSession(user.id, stamp, options, facts)
    await endings.surplus(user.id, await stores.sessions.create(session, settings.sessionLimit))
    return pair(user, session, stamp, form)
  }

  async function refresh(
    token: string,
    head?: RequestHead,
    { keep = false, form, subject }: RefreshOptions = {},
  ): Promise<Renewed<U>> {
    if (settings.mode === 'single' || form !== undefined) return renewSingle(token, head, formOf(form), subject)
    // The user as read before the rotation: whatever is done to them later has a stamp above that of the tokens.
    const { found, admitted: user, parts: next, retried } = await refreshing.redeem(await parse(token), keep)
    const tokens = await pair(user, found.session, found.stamp, undefined, next)
    const facts = { head, user, userId: user.id, sessionId: found.session.id, generation: next.generation }
    events.emit(retried ? 'session.retried' : 'session.refreshed', facts)
    return { tokens, user }
  }

  async function renewSingle(
    token: string,
    head: RequestHead | undefined,
    form: AccessForm | undefined,
    subject: string | undefined,
  ): Promise<Renewed<U>> {
    const verified = await access.renewable(token)
    const sessionId = verified.sessionId ?? (await adopted((form ?? format).foreign?.(verified.claims, subject)))
    const renewed = await reissueAs(sessionId, form)
    const { user } = renewed
    events.emit('session.refreshed', { head, user, userId: user.id, sessionId, generation: 0 })
    return renewed
  }

  /** The session of another system's token that renews itself. */
  async function adopted(foreign: ForeignRefresh | undefined): Promise<string> {
    if (!foreign) throw new AuthError('refresh_invalid')
    await adoption.judge(foreign)
    await activeUser(foreign.subject)
    const { sessionId } = adoption.present(foreign)
    const found = (await stores.sessions.find(sessionId)) ?? (await adoption.begin(foreign, false))
    if (found?.session.userId !== foreign.subject) throw new AuthError('refresh_invalid')
    return sessionId
  }

  async function reissueAs(sessionId: string, form?: AccessForm): Promise<Renewed<U>> {
    const found = await stores.sessions.find(sessionId)
    if (!found || found.dead || found.session.endedAt !== null) throw new AuthError('session_revoked')
    const { session, now } = found
    if (session.expiresAt <= now || session.lastSeenAt + session.idleSeconds <= now)
      throw new AuthError('refresh_expired')
    const user = await activeUser(session.userId)
    await stores.sessions.touch(session.id, now - 300)
    return { tokens: await pair(user, session, found.stamp, form), user }
  }

  async function sessionNamedBy(token: string): Promise<string | undefined> {
    if (settings.mode !== 'single') return (await unlessRefused(() => parse(token)))?.sessionId
    try {
      return (await access.verify(token)).sessionId
    } catch (error) {
      if (!(error instanceof AuthError) || error.status >= 500) throw error
      // One that has ended still says whose it was: the caller is to be told that it has.
      const sid = claimsBehind(error)?.sid
      return typeof sid === 'string' ? sid : undefined
    }
  }

  async function sessionOf(refreshToken: string): Promise<Session | undefined> {
    const parts = await unlessRefused(() => parse(refreshToken))
    const found = parts && (await find(parts))
    return found && refreshing.authentic(parts, found.session) ? found.session : undefined
  }

  async function look(refreshToken: string): Promise<Looked> {
    const { expired, ...parts } = await parse(refreshToken)
    if (parts.foreign) await adoption.judge(parts.foreign)
    const found = await find(parts)
    if (!found || !refreshing.authentic(parts, found.session)) throw new AuthError('refresh_invalid')
    const { session, dead, now } = found
    if (dead || session.endedAt !== null) throw new AuthError('session_revoked')
    if (expired || session.expiresAt <= now) throw new AuthError('refresh_expired')
    return { session, superseded: parts.generation < session.generation }
  }

  /** The session of a token; that of another system's begins by being asked for, so that it can be ended before its first use. */
  async function find({ sessionId, foreign }: Omit<PresentedParts, 'expired'>): Promise<FoundSession | undefined> {
    return (await stores.sessions.find(sessionId)) ?? (foreign && adoption.begin(foreign, settings.mode === 'rotating'))
  }

  /** Reads a refresh token as the format has it. Throws `refresh_invalid` and `refresh_expired`, and that costs no look at the store. */
  async function parse(token: string): Promise<PresentedParts> {
    if (!format.refresh) {
      const parts = parseOpaque(token)
      if (!parts) throw new AuthError('refresh_invalid')
      return { ...parts, expired: false }
    }
    const { claims, failure } = await access.read(token).catch(asRefresh)
    // An expired one of ours goes on: its session decides, and may find that it was used before.
    if (failure && failure.code !== 'token_expired') return asRefresh(failure)
    try {
      const foreign = failure ? undefined : format.refresh.foreign?.(claims)
      if (foreign) return adoption.present(foreign)
      return { ...format.refresh.read(claims), expired: failure !== undefined }
    } catch (error) {
      return asRefresh(failure ?? withClaims(error, claims))
    }
  }

  function formOf(name: string | undefined): AccessForm | undefined {
    const form = name === undefined ? undefined : format.forms?.[name]
    if (name !== undefined && !form) throw new AuthError('options_invalid', { hint: `form: there is no ${name} here` })
    return form
  }

  async function activeUser(id: string): Promise<U> {
    const user = await users.findById(id)
    if (!user) throw new AuthError('user_inactive', { reason: 'user_gone' })
    if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    return user
  }
}

/** The refusal of a refresh token, from what was said of it as a JWT. A fault of ours stays what it is. */
function asRefresh(error: unknown): never {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
  const code = error.code === 'token_expired' ? 'refresh_expired' : 'refresh_invalid'
  throw withClaims(new AuthError(code, { ...(error.reason && { reason: error.reason }) }), claimsBehind(error))
}

/** What was refused is none; a fault of ours stays what it is. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AuthError && error.status < 500) return undefined
    throw error
  }
}
