/** Refreshing and revoking where there are refresh tokens, each replaced once and only once. */
import type { RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import { type Do, refreshToken, signedIn } from './credentials.js'
import type { ReadSettings } from './settings.js'

export function createLongRunning(
  { cookies }: Pick<ReadSettings, 'cookies'>,
  tools: RouteTools,
): { readonly refresh: Do; readonly revoke: Do } {
  const { operations, tokens, transports, users, clock } = tools
  return {
    async refresh({ refreshToken: given }, call) {
      const via = transports.choose(cookies && 'cookie', call.head)
      const token = refreshToken(given, call, tools)
      // Whoever does not ask for the next one goes on with this one: to replace it unseen would lock them out.
      const keep = via !== 'cookie' && !call.asksFor('refreshToken')
      const { tokens: fresh } = await tokens.refresh(token, call.head, { keep }).catch((error) => blame(error, token))
      const until = (keep ? await endOf(token) : undefined) ?? fresh.refreshExpiresAt
      return signedIn(fresh, until, transports.deliver(via, fresh, call.head).delivery.cookies)
    },

    async revoke({ refreshToken: given }, call) {
      const token = refreshToken(given, call, tools)
      const session = await tokens.sessionOf(token)
      if (!session || session.endedAt !== null) throw new AuthError('refresh_invalid')
      // By this token alone: the one in the header may be of another session, or of another user.
      await operations.logout({ token }, { ...call, authentication: async () => ({}) })
      return { data: { revoked: clock() } }
    },
  }

  /** One that stays ends when it would have ended. */
  async function endOf(token: string): Promise<number | undefined> {
    const session = await tokens.sessionOf(token)
    return session && Math.min(session.expiresAt, session.lastSeenAt + session.idleSeconds)
  }

  /** Shutting somebody out ends their sessions: that is then not the reason to be told. */
  async function blame(error: unknown, token: string): Promise<never> {
    const session = error instanceof AuthError && error.status < 500 ? await tokens.sessionOf(token) : undefined
    const user = session && (await users.findById(session.userId))
    throw user?.active === false ? new AuthError('user_inactive', { reason: 'user_disabled' }) : error
  }
}
