/** What an operator can end at once, and by when it is over everywhere. */
import { AuthError, type Problem } from '../errors.js'
import { isIdentifier } from '../jwt/claims.js'
import type { SessionStore } from '../stores/port.js'
import type { Clock } from '../util/time.js'
import type { Endings, ExpiringToken } from './endings.js'

/**
 * One thing to end; `jtis` are many tokens in one write, such as another server's that were ended there: they are remembered for as long as
 * each of them lives. `everyone` is every session there is, `permissions` ends nothing but makes the access tokens of a user `token_stale`. */
export type Revocable =
  | { readonly session: string }
  | { readonly user: string }
  | { readonly jti: string }
  | { readonly jtis: readonly ExpiringToken[] }
  | { readonly key: string }
  | { readonly permissions: string }
  | { readonly everyone: true }

/** From when on no process takes what was revoked. */
export interface Revoked {
  /** Seconds, by the clock of the process that revoked. Infinity: nobody can say, because a process that is cut off goes on. */
  readonly effectiveBy: number
}

export type Revoke = (what: Revocable) => Promise<Revoked>

export interface RevokeParts {
  readonly sessions: Pick<SessionStore, 'find'>
  readonly endings: Endings
  readonly clock: Clock
  /** How old at most what a process knows may be when it decides. */
  readonly boundSeconds: number
  /** How long processes that are cut off may go on with tokens that they have seen; `undefined` where they may not. */
  readonly cutOffSeconds: number | undefined
}

type Named = Readonly<Record<string, unknown>>

export function createRevoke({ sessions, endings, clock, boundSeconds, cutOffSeconds }: RevokeParts): Revoke {
  const ways: Readonly<Record<string, (key: string) => Promise<void>>> = {
    session,
    user: (id) => endings.user(id, 'revoked'),
    jti: endings.token,
    key: endings.key,
    permissions: endings.stale,
    everyone: () => endings.everybody('revoked'),
  }
  return revoke

  async function revoke(what: Revocable): Promise<Revoked> {
    const [name, key] = only(what)
    await (typeof key === 'string' ? ways[name]?.(key) : endings.tokens(key))
    return { effectiveBy: effectiveBy(name) }
  }

  /** A session that is over already was ended for good, perhaps by a process of which this one has not heard yet. */
  async function session(id: string): Promise<void> {
    const found = await sessions.find(id)
    if (!found) throw new AuthError('not_found')
    await (found.session.endedAt === null ? endings.session(found.session, 'revoked') : endings.over())
  }

  /** Who has a stolen key makes new tokens as long as anybody takes them. */
  function effectiveBy(name: string): number {
    const committed = clock() + 1
    if (cutOffSeconds === undefined) return committed + boundSeconds
    return name === 'key' ? Number.POSITIVE_INFINITY : committed + boundSeconds + cutOffSeconds
  }

  /** Exactly one member that says whom: a mistake must end neither everybody nor nobody. */
  function only(what: Revocable): readonly [name: string, key: string | readonly ExpiringToken[]] {
    const members = Object.entries((what ?? {}) as Named)
    const [name = '', value] = members[0] ?? []
    if (members.length === 1 && name === 'jtis') return [name, expiring(value)]
    if (members.length !== 1 || !Object.hasOwn(ways, name)) {
      throw refused('', 'unknown', `Exactly one of these: ${Object.keys(ways).join(', ')}, jtis.`)
    }
    if (name === 'everyone' && value === true) return [name, '']
    if (name === 'everyone' || typeof value !== 'string' || value === '') {
      throw refused(name, 'type', name === 'everyone' ? 'This must be true.' : 'This must be text, and not empty.')
    }
    return [name, value]
  }
}

function expiring(value: unknown): readonly ExpiringToken[] {
  if (!Array.isArray(value)) throw refused('jtis', 'type', 'This must be a list.')
  const wrong = value.findIndex((one) => !isIdentifier(one?.jti) || !Number.isSafeInteger(one.expiresAt))
  if (wrong >= 0) throw refused(`jtis[${wrong}]`, 'type', 'This must be { jti, expiresAt }, the end in seconds.')
  return value
}

const refused = (path: string, rule: Problem['rule'], message: string): AuthError =>
  new AuthError('request_invalid', { problems: [{ path, rule, message }], hint: `revoke: ${message}` })
