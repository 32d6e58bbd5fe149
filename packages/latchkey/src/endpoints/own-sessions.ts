/** The operations of a signed-in user over their own sessions and tokens: who am I, log out, list, end, verify. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { SessionStore, User } from '../stores/port.js'
import type { Endings } from '../tokens/endings.js'
import type { TokenService } from '../tokens/service.js'
import type { Transports } from '../transport/transports.js'
import { caller, callingUser } from './caller.js'
import type { Call, Operations } from './surface.js'
import type { UserPart } from './wire.js'

export interface OwnSessionParts<U extends User> {
  readonly sessions: SessionStore
  readonly tokens: TokenService<U>
  readonly endings: Endings
  readonly transports: Transports
  readonly events: Events
  readonly partOf: (user: U) => Promise<UserPart>
}

type OwnOperations<U extends User> = Pick<
  Operations<U>,
  'logout' | 'forget' | 'logoutEverywhere' | 'csrf' | 'verify' | 'me' | 'sessions' | 'endSession' | 'endOtherSessions'
>

export function createOwnSessions<U extends User>({
  sessions,
  tokens,
  endings,
  transports,
  events,
  partOf,
}: OwnSessionParts<U>): OwnOperations<U> {
  const forgotten = { cookies: transports.forgetting }
  return {
    async logout({ token: given }, call) {
      const { context, failure } = await call.authentication()
      if (failure?.code === 'csrf_failed' || failure?.code === 'credential_ambiguous') throw failure
      // A token in a header is no browser's word, and says which session is meant: a cookie that strays along is another's.
      const byCookie = context === undefined || context.via === 'cookie'
      // An endpoint is posted to; a handler of the application's own may be a link, which any site can have.
      if (context?.via === 'cookie') transports.csrf?.check(call.head, context.sessionId)
      // Nor does a refresh cookie that a sub-domain planted keep anybody from leaving by their good access token.
      const token = byCookie ? await presented(given, call).catch(context ? unlessFault : thrown) : given
      // As in RFC 7009 section 2.2: a token that is none of ours is no error, and the answer tells nothing about it.
      const named = token === undefined ? undefined : await tokens.sessionOf(token)
      if (!context && token === undefined) throw failure ?? new AuthError('credential_missing')
      const ids = new Set([context?.sessionId, named?.id])
      for (const id of ids) if (id !== undefined) await end(id)
      return byCookie ? forgotten : { cookies: [] }
    },

    async forget({ what }, { head }) {
      // Whoever lost their session may still have its cookies deleted, and no other site may have that done: the token need not be of a session.
      transports.csrf?.[transports.keeps(head) ? 'repeated' : 'site'](head)
      return transports.forget(what, head)
    },

    async logoutEverywhere(_input, call) {
      await endings.user((await callingUser(call)).userId, 'logout')
      return forgotten
    },

    async csrf(_input, { head }) {
      return { token: transports.csrfCookie(head) }
    },

    async verify({ token }, { head }) {
      const claims = await tokens.inspect(token)
      if (events.has('token.verified')) events.emit('token.verified', { head, claims })
      return { claims }
    },

    async me(_input, call) {
      return partOf(await (await caller(call)).user())
    },

    async sessions(_input, call) {
      const { userId, sessionId } = await callingUser(call)
      return { sessions: await sessions.list(userId), current: sessionId }
    },

    async endSession({ id }, call) {
      const { userId } = await callingUser(call)
      // Somebody else's session and one that does not exist are the same nothing.
      const found = (await sessions.list(userId)).find((session) => session.id === id)
      if (!found) throw new AuthError('not_found')
      await endings.session(found, 'logout')
    },

    async endOtherSessions(_input, call) {
      const { userId, sessionId } = await callingUser(call)
      // One by one, not by their user: that would end the access token of this request too.
      const others = (await sessions.list(userId)).filter((session) => session.id !== sessionId)
      await endings.sessions(others, 'logout')
    },
  }

  /** A cookie counts as much as a token given, and is sent whoever asks a browser to: our own page must have asked. */
  async function presented(given: string | undefined, { head }: Pick<Call, 'head'>): Promise<string | undefined> {
    const credential = transports.refresh(head, given)
    if (credential?.via === 'cookie') transports.csrf?.check(head, await tokens.sessionNamedBy(credential.token))
    return credential?.token
  }

  async function end(id: string): Promise<void> {
    const found = await sessions.find(id)
    if (found) await (found.session.endedAt === null ? endings.session(found.session, 'logout') : endings.over())
  }
}

function unlessFault(error: unknown): undefined {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
}

function thrown(error: unknown): never {
  throw error
}
