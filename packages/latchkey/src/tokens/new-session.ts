/** A session at its beginning: how long it lives, and whether the browser is to remember it. */
import type { Session, Stamp, User } from '../stores/port.js'
import type { RequestHead } from '../transport/head.js'
import { randomId } from '../util/bytes.js'

/** How a session starts. Everything may be left out. */
export interface IssueOptions {
  /** The store's stamp, read before the credentials were looked at. Default: read now. */
  readonly stamp?: Stamp
  /** Space-separated scopes that the tokens are granted (RFC 8693 section 4.2). */
  readonly scope?: string | undefined
  readonly device?: string | undefined
  readonly address?: string | undefined
  readonly head?: RequestHead | undefined
  /** `false`: the session ends after `briefLifetime` at the latest. Default true. */
  readonly remember?: boolean | undefined
  /** The name of a form of access token that the preset has beside the usual one. */
  readonly form?: string | undefined
}

/** The numbers of the token service, in seconds. */
export interface TokenSettings {
  readonly mode: 'rotating' | 'fixed' | 'single'
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly idleSeconds: number
  /** The absolute end of a session that is not to be remembered. */
  readonly briefSeconds: number
  readonly graceSeconds: number
  readonly sessionLimit: number
  readonly audience: readonly string[]
  readonly clientId: string
}

/** The row of a session that starts now. */
export function newSession(
  userId: User['id'],
  stamp: Stamp,
  options: IssueOptions,
  { settings, secretId, now }: { readonly settings: TokenSettings; readonly secretId: string; readonly now: number },
): Session {
  const { refreshSeconds, idleSeconds, briefSeconds } = settings
  const lifeSeconds = options.remember === false ? Math.min(briefSeconds, refreshSeconds) : refreshSeconds
  return {
    id: randomId(),
    userId,
    stamp,
    seed: randomId(32),
    generation: 0,
    secretId,
    previousSecretId: null,
    rotatedAt: now,
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: now + lifeSeconds,
    idleSeconds: Math.min(idleSeconds, lifeSeconds),
    endedAt: null,
    endedBy: null,
    device: options.device?.slice(0, 200) ?? null,
    address: options.address ?? null,
    scope: options.scope ?? null,
  }
}

/** Whether a browser keeps the cookies of a session when it closes: its length tells, where brief sessions are shorter than others. */
export const isRemembered = (session: Session, { briefSeconds, refreshSeconds }: TokenSettings): boolean =>
  briefSeconds >= refreshSeconds || session.expiresAt - session.createdAt > briefSeconds
