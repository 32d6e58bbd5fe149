/** remoteAuth, the composition root of a service that only trusts another's tokens: no database, no users, the same guards. */
import type { Logger } from './auth-options.js'
import { blame } from './endpoints/handler.js'
import { renderProblem } from './endpoints/respond.js'
import type { Rejection, Site } from './endpoints/surface.js'
import { AuthError } from './errors.js'
import { createEvents, type Events } from './events.js'
import { attachedBy } from './guard/attached.js'
import { createChain, type Found } from './guard/authenticator.js'
import type { AuthContext } from './guard/context.js'
import { jwt } from './guard/jwt.js'
import type { IssuerOptions } from './issuer-options.js'
import { type IssuerRow, readIssuers } from './issuer-settings.js'
import { createIssuers, type IssuerInfo, readClaims } from './issuers.js'
import type { Claims } from './jwt/jws.js'
import { createEpochs } from './revocation/epochs.js'
import type { User, UserStore } from './stores/port.js'
import { type AccessToken, isStamp } from './tokens/format.js'
import { claimsBehind } from './tokens/refused.js'
import type { TokenService } from './tokens/service.js'
import { createVerification, type Verification } from './tokens/verification.js'
import { createVerifiedCache } from './tokens/verified.js'
import { bearer } from './transport/bearer.js'
import type { Peer, RequestHead } from './transport/head.js'
import { createPeers, trustProxy } from './transport/peer.js'
import { invalid, within } from './util/checks.js'
import { OWN_ROW } from './util/own-row.js'
import { type Clock, systemClock } from './util/time.js'

/** Options of `remoteAuth`; those of an issuer mean what they mean there. */
export interface RemoteAuthOptions
  extends Pick<
    IssuerOptions,
    'keys' | 'algorithms' | 'typ' | 'leeway' | 'maxLifetime' | 'schema' | 'subject' | 'scope' | 'permissions' | 'admit'
  > {
  /** Whom the tokens must be for: this service. */
  readonly audience: string | readonly string[]
  /** Proxies whose `X-Forwarded-For` is believed: how many, or which addresses and ranges. Default none. */
  readonly trustProxy?: number | readonly string[]
  /** How many verified tokens are remembered; 0 for none. Default 10,000. */
  readonly tokenCache?: number
  /** Tells callers the operator's hint, and allows an `http` issuer. Default: whether NODE_ENV is `development` or `test`. */
  readonly development?: boolean
  readonly clock?: Clock
  readonly logger?: Logger
}

/** What `remoteAuth` makes: as much of an `Auth` as there is without a database. */
export interface RemoteAuth<C extends object = object> {
  /** Who makes a request. Never throws for a bad credential: that is the `failure`. */
  authenticate(head: RequestHead, peer?: Peer): Found<User, C>
  /** What an adapter attached to a request: the caller, or `undefined` for an anonymous one. `userId` is the subject. */
  of(request: object): AuthContext<User, C> | undefined
  /** How a refusal is answered here, as text: for adapters and handlers of your own. */
  reject(error: unknown, site?: Site): Rejection
  /** The client at the other end of a socket, behind the configured proxies. */
  peer(remote: string | undefined, head: RequestHead): Peer
  readonly tokens: Pick<TokenService, 'verify' | 'checkNow'>
  readonly events: Events
  /** The issuer, and how its keys fare. */
  issuers(): readonly IssuerInfo[]
  /** Compiles the schema of the claims, where there is one; requests wait for it. Keys are fetched at the first token. */
  ready(): Promise<void>
  close(): Promise<void>
}

/**
 * Makes an auth that takes the access tokens of one issuer: a Latchkey server, or any other that signs JWTs. Returns at once and
 * does no I/O. Throws `options_invalid`.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { permission, remoteAuth } from 'latchkey'
 * import { authenticate, authorize } from 'latchkey/express'
 * const auth = remoteAuth('https://login.example.com', { audience: 'https://reports.example.com' })
 * const app = express()
 * app.use(authenticate(auth))
 * app.get('/reports', authorize(permission('reports:read')), (request, response) => {
 *   response.json({ for: auth.of(request)?.subject })
 * })
 * ```
 */
export function remoteAuth<C extends object = object>(issuer: string, options: RemoteAuthOptions): RemoteAuth<C> {
  const { trustProxy: proxies, tokenCache, development: told, clock = systemClock, logger, ...row } = options
  if (row.audience === undefined) throw invalid('audience', 'must say whom the tokens are for')
  const development = told ?? ['development', 'test'].includes(process.env.NODE_ENV ?? '')
  const failed = (error: unknown): void => logger?.error({ err: error }, 'a request failed')
  const events = createEvents((name, error) => logger?.error({ err: error, event: name }, 'a listener failed'))
  const settings = readIssuers([{ ...row, issuer, users: 'none' }], { issuer: undefined, development, users: 'none' })
  // What is revoked there is revoked under the issuer's own row.
  const rows = settings.rows.map((one) => ({ ...one, id: OWN_ROW }))
  const issuers = createIssuers({
    settings: { ...settings, rows },
    saved: undefined,
    clock,
    development,
    failed,
    read: readRemote,
  })
  const cacheSize = within('tokenCache', tokenCache ?? 10_000, 0, 1_000_000)
  const verification = createVerification({
    rows: issuers.rows(),
    epochs: createEpochs({ clock }),
    freshness: NOTHING_TO_ASK,
    clock,
    cache: cacheSize > 0 ? createVerifiedCache(cacheSize) : undefined,
  })
  const chain = createChain<User>([link(verification, events)], (error, head) => {
    if (events.has('token.rejected')) events.emit('token.rejected', { head, error, claims: claimsBehind(error) })
  })
  let opening: Promise<void> | undefined
  const auth: RemoteAuth<C> = {
    authenticate: (head, peer = { address: undefined }) => chain(head, peer) as Found<User, C>,
    of: (request) => attachedBy(request, auth)?.context as AuthContext<User, C> | undefined,
    reject: (error, site = {}) => renderProblem(blame(error, failed), site, { ...PRIVATE }, development),
    peer: createPeers(trustProxy(proxies ?? 0)),
    tokens: { verify: verification.verify, checkNow: verification.checkNow },
    events,
    issuers: issuers.list,
    ready: () => (opening ??= issuers.open()),
    close: async () => issuers.close(),
  }
  return auth
}

/** Answers to callers, which no cache may keep. */
const PRIVATE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const NOTHING_TO_ASK = {
  overdue: () => undefined,
  ask: async () => {
    throw new AuthError('store_failed', { hint: 'checkNow() needs to hear of revocations, and remoteAuth does not' })
  },
}

function link({ verify, checkNow }: Verification, events: Events) {
  const users: UserStore = { findById: nobody, findByLogin: nobody }
  const login = () => Promise.reject(new AuthError('login_failed'))
  return jwt()({
    transports: [bearer()],
    tokens: { verify, checkNow },
    users,
    events,
    apiTokens: NO_API_TOKENS,
    admit: (token) => token.subject,
    login,
  })
}

const NO_API_TOKENS = {
  verify: () => Promise.reject(new AuthError('token_invalid')),
  checkNow: () => Promise.reject(new AuthError('token_invalid')),
}

const nobody = async (): Promise<undefined> => undefined

/** The one issuer there is may say of its sessions, and of what its bearers may do, what our own tokens say. */
function readRemote(claims: Claims, row: IssuerRow): AccessToken {
  const { sid, rev, permissions } = claims
  const said = readClaims(claims, row)
  const held = Array.isArray(permissions) ? permissions.filter((one) => typeof one === 'string') : []
  return {
    ...said,
    sessionId: typeof sid === 'string' ? sid : undefined,
    stamp: isStamp(rev) ? rev : said.stamp,
    mapped: said.mapped && {
      ...said.mapped,
      permissions: row.mapping.permissions.length > 0 ? said.mapped.permissions : Object.freeze(held),
    },
  }
}
