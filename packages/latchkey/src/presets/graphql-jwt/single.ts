/** Refreshing and revoking where there is one token: it is traded for the next one, and ends its session itself. */
import type { RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import { verifyNamed } from './by-name.js'
import { accessToken, type Do, REFRESH_REQUIRED, signedIn } from './credentials.js'
import { InWords } from './refusals.js'
import type { ReadSettings } from './settings.js'

type Settings = Pick<ReadSettings, 'cookies' | 'refreshSeconds'>

export function createSingle(
  { cookies, refreshSeconds }: Settings,
  tools: RouteTools,
): { readonly refresh: Do; readonly revoke: Do } {
  const { tokens, transports, users, clock } = tools
  return {
    async refresh({ token: given }, call) {
      const via = transports.choose(cookies && 'cookie', call.head)
      const { token, via: from } = accessToken(given, call, cookies)
      const { claims, sessionId, subject } = await verifyNamed(() => tokens.renewable(token), users)
      if (from === 'cookie') transports.csrf?.check(call.head, sessionId)
      const { origIat } = claims
      if (typeof origIat !== 'number' || origIat === 0)
        throw new InWords('origIat field is required', 'refresh_invalid')
      const until = origIat + refreshSeconds
      if (until < clock()) throw new AuthError('refresh_expired')
      const { tokens: fresh } = await tokens.refresh(token, call.head, { subject })
      return signedIn(fresh, until, transports.deliver(via, fresh, call.head).delivery.cookies)
    },

    /** As at a refresh the token takes the place of the other: without it nobody could end their session. */
    async revoke({ refreshToken: given }, call) {
      const { token, via } = accessToken(given, call, cookies, REFRESH_REQUIRED)
      const { sessionId } = await verifyNamed(() => tokens.renewable(token), users).catch(unlessFault)
      if (via === 'cookie') transports.csrf?.check(call.head, sessionId)
      if (sessionId === undefined) throw new InWords('Invalid refresh token', 'refresh_invalid')
      await tools.revoke({ session: sessionId })
      return { data: { revoked: clock() } }
    },
  }
}

/** What is refused names no session; a fault of ours stays what it is. */
function unlessFault(error: unknown): { readonly sessionId: undefined } {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
  return { sessionId: undefined }
}
