/** The link of jwtauth: both cookies are of one session, and the user behind them is there and active. */
import { AuthError } from '../../errors.js'
import type { Link } from '../../guard/authenticator.js'
import type { Claims } from '../../jwt/jws.js'
import type { User } from '../../stores/port.js'
import { claimsBehind } from '../../tokens/refused.js'
import { withUser } from '../with-user.js'

export function pair<U extends User>(): Link<U> {
  return (tools) => {
    const { transports, tokens } = tools
    const link = withUser<U>()(tools)
    return {
      async authenticate(head, peer) {
        const isPair = transports.access(head)?.via === 'cookie'
        const partner = isPair ? transports.refresh(head, undefined) : undefined
        const session = partner && (await tokens.sessionNamedBy(partner.token))
        try {
          const context = await link.authenticate(head, peer)
          if (partner && context?.sessionId !== undefined && context.sessionId !== session) throw mixed()
          return context
        } catch (error) {
          // Renewed by the partner, it would become somebody else's.
          const claims = partner && error instanceof AuthError ? claimsBehind(error) : undefined
          throw claims && sessionIn(claims) !== session ? mixed() : error
        }
      },
    }
  }
}

const sessionIn = ({ sid }: Claims): string | undefined =>
  typeof sid === 'string' ? sid.slice(0, sid.indexOf('.')) : undefined

const mixed = (): AuthError =>
  new AuthError('token_invalid', { reason: 'sid', hint: 'the two cookies are of two sessions' })
