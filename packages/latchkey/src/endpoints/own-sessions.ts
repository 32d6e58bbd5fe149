/** The operations of a signed-in user over their own sessions and tokens: who am I, log out, list, end, verify. */
import { AuthError } from '../errors.js'
import type { SessionStore, User } from '../stores/port.js'
import type { Endings } from '../tokens/endings.js'
import type { TokenService } from '../tokens/service.js'
import { caller, callingUser } from './caller.js'
import type { Operations } from './surface.js'
import type { UserPart } from './wire.js'

export interface OwnSessionParts<U extends User> {
  readonly sessions: SessionStore
  readonly tokens: TokenService<U>
  readonly endings: Endings
  readonly partOf: (user: U) => Promise<UserPart>
}

type OwnOperations<U extends User> = Pick<
  Operations<U>,
  'logout' | 'logoutEverywhere' | 'verify' | 'me' | 'sessions' | 'endSession' | 'endOtherSessions'
>

export function createOwnSessions<U extends User>({
  sessions,
  tokens,
  endings,
  partOf,
}: OwnSessionParts<U>): OwnOperations<U> {
  return {
    async logout({ token }, call) {
      const { context, failure } = await call.authentication()
      // As in RFC 7009 section 2.2: a token that is none of ours is no error, and the answer tells nothing about it.
      const named = token === undefined ? undefined : await tokens.sessionOf(token)
      if (!context && token === undefined) throw failure ?? new AuthError('credential_missing')
      const ids = new Set([context?.sessionId, named?.id])
      for (const id of ids) if (id !== undefined) await end(id)
    },

    async logoutEverywhere(_input, call) {
      await endings.user((await callingUser(call)).userId, 'logout')
    },

    async verify({ token }) {
      return { claims: await tokens.inspect(token) }
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

  async function end(id: string): Promise<void> {
    const found = await sessions.find(id)
    if (found) await (found.session.endedAt === null ? endings.session(found.session, 'logout') : endings.over())
  }
}
