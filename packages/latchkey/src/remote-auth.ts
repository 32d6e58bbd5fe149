/** remoteAuth, the composition root of a service that only trusts another's tokens: no database, no users, the same guards. */
import { blame } from './endpoints/handler.js'
import { problemDetails } from './endpoints/respond.js'
import type { Rejection, Site } from './endpoints/surface.js'
import { AuthError } from './errors.js'
import { createEvents, type Events } from './events.js'
import { attachedBy } from './guard/attached.js'
import { createChain, type Found } from './guard/authenticator.js'
import type { AuthContext } from './guard/context.js'
import { jwt } from './guard/jwt.js'
import type { IssuerRow } from './issuer-settings.js'
import { createIssuers, type IssuerInfo, readClaims } from './issuers.js'
import type { Health } from './issuing.js'
import type { Claims } from './jwt/jws.js'
import { type RemoteAuthOptions, type RemoteSettings, readRemoteOptions } from './remote-options.js'
import { createRemoteProof } from './remote-proof.js'
import { createRemoteRevocations } from './remote-revocations.js'
import { createEpochs } from './revocation/epochs.js'
import type { User, UserStore } from './stores/port.js'
import { type AccessToken, isStamp } from './tokens/format.js'
import { claimsBehind } from './tokens/refused.js'
import type { TokenService } from './tokens/service.js'
import { createVerification } from './tokens/verification.js'
import { createVerifiedCache } from './tokens/verified.js'
import { bearer } from './transport/bearer.js'
import type { Peer, RequestHead } from './transport/head.js'
import { createPeers } from './transport/peer.js'
import { createTransports } from './transport/transports.js'
import type { Clock } from './util/time.js'

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
  /** How far behind this process is in what it knows of revocations, where it hears of them; asks nobody. */
  health(): Partial<Health>
  /**
   * Compiles the schema of the claims, and reads what was revoked, where there is that; requests wait for it. Keys are fetched at the
   * first token. Throws `store_failed` while the issuer does not tell, unless `whenStale` is `allow`: the next call tries again, and so
   * does the background.
   */
  ready(): Promise<void>
  /** Ends what is under way; nothing is fetched any more. */
  close(): Promise<void>
}

/**
 * Makes an auth that takes the access tokens of one issuer: a Latchkey server, or any other that signs JWTs. Returns at once and
 * does no I/O. Throws `options_invalid`. With `revocations` a logout there is refused here, too, within the bound; with
 * `keys: { verify: true }` the issuer is asked about each token, where there is no key to verify it with.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { permission, remoteAuth } from 'latchkey'
 * import { authenticate, authorize } from 'latchkey/express'
 * const auth = remoteAuth('https://login.example.com', {
 *   audience: 'https://reports.example.com',
 *   revocations: { token: process.env.REVOCATIONS_TOKEN ?? '' },
 * })
 * const app = express()
 * app.use(authenticate(auth))
 * app.get('/reports', authorize(permission('reports:read')), (request, response) => {
 *   response.json({ for: auth.of(request)?.subject })
 * })
 * ```
 */
export function remoteAuth<C extends object = object>(issuer: string, options: RemoteAuthOptions): RemoteAuth<C> {
  return compose(readRemoteOptions(issuer, options))
}

function compose<C extends object>(settings: RemoteSettings): RemoteAuth<C> {
  const { clock, logger, development } = settings
  const failed = (error: unknown): void => logger?.error({ err: error }, 'a request failed')
  const events = createEvents((name, error) => logger?.error({ err: error, event: name }, 'a listener failed'))
  const proof = settings.proof && createRemoteProof(settings.proof, settings)
  const issuers = createIssuers({
    settings: settings.issuers,
    saved: undefined,
    clock,
    development,
    failed,
    read: readRemote,
    prove: proof?.prove,
  })
  const epochs = createEpochs({ clock })
  const revocations =
    settings.revocations && createRemoteRevocations(settings.revocations, { ...settings, epochs, events, failed })
  const verification = createVerification({
    rows: issuers.rows(),
    epochs,
    freshness: revocations?.freshness ?? NOTHING_TO_ASK,
    clock,
    cache: settings.tokenCache > 0 ? createVerifiedCache(settings.tokenCache) : undefined,
  })
  const verified = proof ? proof.over(verification, revocations !== undefined) : verification
  const tokens = {
    verify: (token: string) => (isOpen() ? verified.verify(token) : opened().then(() => verified.verify(token))),
    checkNow: verified.checkNow,
  }
  const chain = createChain<User>([link(tokens, events, clock)], (error, head) => {
    if (events.has('token.rejected')) events.emit('token.rejected', { head, error, claims: claimsBehind(error) })
  })
  const refusal = problemDetails(PRIVATE, development)
  const auth: RemoteAuth<C> = {
    authenticate: (head, peer = { address: undefined }) => chain(head, peer) as Found<User, C>,
    of: (request) => attachedBy(request, auth)?.context as AuthContext<User, C> | undefined,
    reject: (error, site = {}) => refusal(blame(error, failed), site),
    peer: createPeers(settings.trusted),
    tokens,
    events,
    issuers: issuers.list,
    health: () => (revocations ? { revocation: revocations.health() } : {}),
    ready,
    close,
  }
  return auth

  function isOpen(): boolean {
    return revocations?.isOpen ?? true
  }

  /** Whatever came of it: from then on freshness says what a request may do. */
  async function opened(): Promise<void> {
    await revocations?.opened()
  }

  async function ready(): Promise<void> {
    await issuers.open()
    await revocations?.ready()
  }

  async function close(): Promise<void> {
    proof?.close()
    revocations?.close()
    issuers.close()
  }
}

/** Answers to callers, which no cache may keep. */
const PRIVATE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const NOTHING_TO_ASK = {
  overdue: () => undefined,
  ask: async () => {
    throw new AuthError('store_failed', { hint: 'checkNow() needs the option revocations, or keys: { verify: true }' })
  },
}

function link({ verify, checkNow }: RemoteAuth['tokens'], events: Events, clock: Clock) {
  const users: UserStore = { findById: nobody, findByLogin: nobody }
  const login = () => Promise.reject(new AuthError('login_failed'))
  return jwt()({
    transports: createTransports([bearer()], undefined),
    tokens: { verify, checkNow, sessionNamedBy: async () => undefined },
    users,
    events,
    clock,
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
  const { sid, rev, permissions, groups } = claims
  const said = readClaims(claims, row)
  const held = texts(permissions)
  return {
    ...said,
    sessionId: typeof sid === 'string' ? sid : undefined,
    stamp: isStamp(rev) ? rev : said.stamp,
    mapped: said.mapped && {
      ...said.mapped,
      permissions: row.mapping.permissions.length > 0 ? said.mapped.permissions : held,
      groups: texts(groups),
    },
  }
}

const texts = (value: unknown): readonly string[] =>
  Object.freeze(Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
