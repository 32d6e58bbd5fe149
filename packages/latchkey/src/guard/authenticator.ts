/** The chain of authenticators: the first that claims a request answers for it. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { User, UserStore } from '../stores/port.js'
import type { TokenService } from '../tokens/service.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Delivery } from '../transport/transport.js'
import type { Transports } from '../transport/transports.js'
import type { Admit } from '../users/admission.js'
import type { ApiTokenCheck } from '../users/api-token-check.js'
import type { Credentials } from '../users/login.js'
import type { Clock } from '../util/time.js'
import type { AuthContext } from './context.js'

/** A link of the chain: `undefined` means "not mine, ask the next". A thrown AuthError means "mine, and wrong". */
export interface Authenticator<U extends User = User> {
  /** Asked before the others, wherever it stands: its credentials look like theirs, and it knows its own. */
  readonly isFirst?: boolean
  /** Looks for its kind of credential in a request. */
  authenticate(head: RequestHead, peer: Peer): AuthContext<U> | undefined | Promise<AuthContext<U> | undefined>
}

/** What a link is made from; a link of your own takes what it needs. */
export interface LinkTools<U extends User = User> {
  /** How tokens travel here, and what tells requests that another site made a browser send. */
  readonly transports: Transports
  readonly tokens: Pick<TokenService<U>, 'verify' | 'checkNow' | 'sessionNamedBy'>
  readonly users: UserStore<U>
  readonly events: Events
  readonly clock: Clock
  readonly apiTokens: ApiTokenCheck
  /** Whom a good token of another issuer stands for here. */
  readonly admit: Admit
  /** Signs in as the login endpoint does, throttled alike. Throws `login_failed`, `login_throttled`, `user_inactive`. */
  login(credentials: Credentials, head: RequestHead, peer: Peer): Promise<{ readonly user: U }>
}

/** A kind of link, as the option `authenticators` takes it: `[jwt(), basic()]`. */
export type Link<U extends User = User> = (tools: LinkTools<U>) => Authenticator<U>

/** What the whole chain answers. Without a guard a bad credential is anonymous plus `failure`; a guard answers with it. */
export interface Authentication<U extends User = User, C extends object = object> {
  readonly context?: AuthContext<U, C>
  readonly failure?: AuthError
  /** Cookies that the answer has to set; adapters write them. */
  readonly delivery?: Delivery
}

const ANONYMOUS: Authentication<never> = Object.freeze({})

/** What the chain found out: at once where every link it asked could tell without waiting. */
export type Found<U extends User = User, C extends object = object> =
  | Authentication<U, C>
  | Promise<Authentication<U, C>>

/** Asks the links of a chain about a request. */
export type Chain<U extends User = User> = (head: RequestHead, peer: Peer) => Found<U>

/**
 * Makes one function of the links. It never throws an AuthError that blames the caller: that is the `failure`. Throws `options_invalid`
 * for what is no link.
 */
export function createChain<U extends User>(
  given: readonly Authenticator<U>[],
  rejected: (failure: AuthError, head: RequestHead) => void,
): Chain<U> {
  for (const [at, link] of given.entries()) {
    const hint = `authenticators[${at}] makes no authenticator: perhaps it has to be called, as in jwt()`
    if (typeof link?.authenticate !== 'function') throw new AuthError('options_invalid', { hint })
  }
  const links = [...given.filter((link) => link.isFirst), ...given.filter((link) => !link.isFirst)]
  return (head, peer) => ask(0, head, peer)

  function ask(first: number, head: RequestHead, peer: Peer): Found<U> {
    try {
      for (let at = first; at < links.length; at++) {
        const answer = (links[at] as Authenticator<U>).authenticate(head, peer)
        if (isThenable(answer)) {
          return Promise.resolve(answer)
            .then((known) => foundIn(known) ?? ask(at + 1, head, peer))
            .catch((error: unknown) => refused(error, head))
        }
        const found = foundIn(answer)
        if (found) return found
      }
      return ANONYMOUS
    } catch (error) {
      return refused(error, head)
    }
  }

  function refused(error: unknown, head: RequestHead): Authentication<U> {
    if (!(error instanceof AuthError)) throw error
    rejected(error, head)
    return { failure: error }
  }
}

/** Whoever is taken for a caller has to be one: a link of the application's own may answer anything. */
function foundIn<U extends User>(answer: AuthContext<U> | undefined | null): Authentication<U> | undefined {
  if (answer === undefined || answer === null) return undefined
  if (typeof answer.can === 'function' && typeof answer.subject === 'string') return { context: answer }
  const hint = 'an authenticator answered no context: authenticator() makes one of a user'
  throw new AuthError('options_invalid', { hint })
}

const isThenable = <T>(answer: T | Promise<T>): answer is Promise<T> =>
  typeof (answer as { then?: unknown } | null | undefined)?.then === 'function'
