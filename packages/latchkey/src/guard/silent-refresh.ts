/** Silent refresh: a request whose access token has expired is let in by its refresh cookie, and its answer carries the next tokens. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { TokenService } from '../tokens/service.js'
import { isUnsafe, isUpgrade } from '../transport/csrf.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Transports } from '../transport/transports.js'
import type { Authentication, Found } from './authenticator.js'

export interface SilentRefreshParts<U extends User> {
  readonly authenticate: (head: RequestHead, peer: Peer) => Found<U>
  readonly transports: Transports
  readonly tokens: Pick<TokenService<U>, 'refresh' | 'sessionNamedBy'>
}

/** Wraps the chain. Whoever is let in or sent away without a refresh cookie is none of its business. */
export function createSilentRefresh<U extends User>({
  authenticate,
  transports,
  tokens,
}: SilentRefreshParts<U>): (head: RequestHead, peer: Peer) => Found<U> {
  return (head, peer) => {
    const found = authenticate(head, peer)
    return found instanceof Promise ? found.then((one) => renewed(one, head, peer)) : renewed(found, head, peer)
  }

  function renewed(found: Authentication<U>, head: RequestHead, peer: Peer): Found<U> {
    if (found.context || (found.failure && !MENDED.has(found.failure.code))) return found
    // What answers an upgrade sets no cookie: the browser would go on with a token that was used.
    if (isUpgrade(head)) return found
    return renew(found, head, peer)
  }

  async function renew(found: Authentication<U>, head: RequestHead, peer: Peer): Promise<Authentication<U>> {
    try {
      const credential = transports.refresh(head, undefined)
      if (credential?.via !== 'cookie') return found
      if (isUnsafe(head)) transports.csrf?.check(head, await tokens.sessionNamedBy(credential.token))
      const { tokens: fresh } = await tokens.refresh(credential.token, head)
      const { delivery } = transports.deliver('cookie', fresh, head)
      return { ...(await authenticate(withCookies(head, delivery.cookies), peer)), delivery }
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      if (error.status !== 401) return { failure: error }
      // A browser whose refresh cookie is dead would come with it again and again.
      return { failure: error, delivery: { body: {}, cookies: transports.forgetting } }
    }
  }
}

/** The request as it would come with the cookies of its answer: whoever reads it sees what the next one will bring. */
function withCookies(head: RequestHead, cookies: readonly string[]): RequestHead {
  const set = cookies.map((cookie) => cookie.split(';', 1)[0] as string)
  const names = new Set(set.map(nameOf))
  const kept = (head.header('cookie') ?? '').split(/; ?/).filter((pair) => pair !== '' && !names.has(nameOf(pair)))
  const line = [...kept, ...set].join('; ')
  return { method: head.method, header: (name) => (name === 'cookie' ? line : head.header(name)) }
}

const nameOf = (pair: string): string => pair.slice(0, pair.indexOf('='))

/** What the next access token mends. */
const MENDED: ReadonlySet<string> = new Set(['token_expired', 'token_stale'])
