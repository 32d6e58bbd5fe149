/** API tokens as an application hands them out: made, listed, revoked. */
import { AuthError, type Problem } from '../errors.js'
import type { Events } from '../events.js'
import type { Epochs } from '../revocation/epochs.js'
import type { Feed } from '../revocation/feed.js'
import type { ApiToken, ApiTokenStore, RevocationLog, User, UserStore } from '../stores/port.js'
import type { Revoked } from '../tokens/revoke.js'
import { API_TOKEN_ROW } from '../util/own-row.js'
import { type Clock, FOREVER, seconds } from '../util/time.js'
import { spellToken, stampOf } from './api-token-form.js'
import { checkPermissions, refuse } from './new-account.js'

/** What an API token is made with. */
export interface ApiTokenInput {
  /** What its owner calls it: 1 to 100 characters. */
  readonly name: string
  /** What it is limited to, as far as its user may do that at the time. Default `null`: all that its user may. */
  readonly permissions?: readonly string[] | null | undefined
  /** Seconds, or text such as `30d`; at most 10 years. `null`: never. Default 90 days. */
  readonly expiresIn?: string | number | null | undefined
}

/** An API token as it is shown: all but the secret. Times are seconds. */
export interface ApiTokenInfo extends Omit<ApiToken, 'hash'> {
  /** Whether it is neither revoked, expired nor ended by `revokeAll`; what became of its user is not looked at. */
  readonly active: boolean
}

/** A new API token. */
export interface NewApiToken extends ApiTokenInfo {
  /** What its owner sends. Kept nowhere: it cannot be shown again. */
  readonly token: string
}

/** Which API tokens are listed. */
export interface ApiTokenPage {
  readonly userId?: string | undefined
  /** The last id of the page before. */
  readonly after?: string | undefined
  /** Default 100. */
  readonly limit?: number | undefined
}

/** API tokens: secrets for scripts and services, taken where the link `apiToken()` is one of the `authenticators`. */
export interface ApiTokens {
  /**
   * Makes a token for a user. The answer is the only one that holds its text. Throws `request_invalid` with the problems,
   * `not_found` where there is no such user, and `user_inactive`.
   *
   * @example
   * ```ts
   * import { apiToken, createAuth, jwt } from 'latchkey'
   * const auth = createAuth({
   *   issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '',
   *   authenticators: [jwt(), apiToken()],
   * })
   * const { token, id } = await auth.apiTokens.create('u-1', { name: 'nightly build', permissions: ['builds:write'], expiresIn: '30d' })
   * ```
   */
  create(userId: string, input: ApiTokenInput): Promise<NewApiToken>
  /** By id, ascending; revoked and expired ones too, until they are pruned. */
  list(page?: ApiTokenPage): Promise<readonly ApiTokenInfo[]>
  /** Ends one, and tells by when no process takes it any more. May be repeated. Throws `not_found`. */
  revoke(id: string): Promise<Revoked>
  /** Ends all there are, of everybody: for a database that came back from a backup, where revoked ones are alive again. */
  revokeAll(): Promise<Revoked>
}

export interface ApiTokensParts<U extends User> {
  readonly store: ApiTokenStore
  readonly users: Pick<UserStore<U>, 'findById'>
  readonly log: Pick<RevocationLog, 'stamp'>
  readonly feed: Pick<Feed, 'append' | 'pull'>
  readonly epochs: Pick<Epochs, 'verdict'>
  readonly events: Events
  readonly clock: Clock
  /** What new tokens are marked with. */
  readonly key: () => Uint8Array
  /** Seconds from a revocation until no process takes the token. */
  readonly reachSeconds: number
}

const USUAL_LIFETIME = '90d'
const LONGEST_SECONDS = 3_650 * 86_400

export function createApiTokens<U extends User>(parts: ApiTokensParts<U>): ApiTokens {
  const { store, users, log, feed, epochs, events, clock } = parts
  return { create, list, revoke, revokeAll }

  async function create(userId: string, input: ApiTokenInput): Promise<NewApiToken> {
    const { name, permissions = null } = input ?? {}
    const lifetime = check(input)
    // Read before anything else: whatever ends all tokens from now on ends this one too.
    const stamp = await log.stamp()
    const user = await users.findById(userId)
    if (!user) throw new AuthError('not_found')
    if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    const { token, id, digest: hash } = spellToken(stamp, parts.key())
    const createdAt = clock()
    const ends = { expiresAt: lifetime === null ? null : createdAt + lifetime, lastUsedAt: null, revokedAt: null }
    const row = { id, userId, name, hash, permissions: permissions && [...new Set(permissions)], createdAt, ...ends }
    await store.create(row)
    events.emit('api-token.created', { userId, apiToken: id })
    return { ...view(row), token }
  }

  async function list({ userId, after = '', limit = 100 }: ApiTokenPage = {}): Promise<readonly ApiTokenInfo[]> {
    return (await store.list({ userId }, after, limit)).map(view)
  }

  async function revoke(id: string): Promise<Revoked> {
    const row = await store.find(id)
    if (!row) throw new AuthError('not_found')
    // As long as the token would have lived: a database that goes back in time forgets that the row was revoked.
    const isNews = await store.revoke(id, clock(), row.expiresAt ?? FOREVER)
    // The epoch was written with the row; this process knows of it before anybody is told. A repetition may be of another process.
    await feed.pull()
    if (isNews) events.emit('api-token.revoked', { userId: row.userId, apiToken: id })
    return { effectiveBy: clock() + 1 + parts.reachSeconds }
  }

  async function revokeAll(): Promise<Revoked> {
    await feed.append([{ scope: 'everybody', row: API_TOKEN_ROW, key: '', until: FOREVER }], 'revoked')
    events.emit('api-token.revoked', { everyone: true })
    return { effectiveBy: clock() + 1 + parts.reachSeconds }
  }

  function view({ hash: _, ...shown }: ApiToken): ApiTokenInfo {
    const { id, userId, expiresAt, revokedAt } = shown
    const isOver = revokedAt !== null || (expiresAt !== null && expiresAt <= clock())
    const isEnded = epochs.verdict(API_TOKEN_ROW, { subject: userId, jti: id, rev: stampOf(id) }) === 'dead'
    return { ...shown, active: !isOver && !isEnded }
  }
}

/** Answers the lifetime in seconds; `null`: without end. Throws `request_invalid` with all that is wrong. */
function check(input: ApiTokenInput): number | null {
  const { name, permissions = null, expiresIn = USUAL_LIFETIME } = input ?? {}
  const problems: Problem[] = []
  if (typeof name !== 'string' || !/^[^\p{C}]{1,100}$/u.test(name) || name.trim() === '')
    problems.push({ path: 'name', rule: 'format', message: 'Must be 1-100 characters.' })
  if (permissions !== null && !Array.isArray(permissions))
    problems.push({ path: 'permissions', rule: 'type', message: 'Must be a list, or null for all.' })
  else problems.push(...checkPermissions(permissions ?? []))
  const lifetime = expiresIn === null ? null : lifetimeOf(expiresIn)
  if (lifetime === undefined)
    problems.push({ path: 'expiresIn', rule: 'format', message: 'Must be a duration such as 90d, at most 10 years.' })
  refuse(problems)
  return lifetime ?? null
}

function lifetimeOf(expiresIn: string | number): number | undefined {
  try {
    const lifetime = seconds(expiresIn)
    return lifetime >= 1 && lifetime <= LONGEST_SECONDS ? lifetime : undefined
  } catch {
    return undefined
  }
}
