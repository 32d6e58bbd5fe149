/** Refresh tokens: made from a session and a server secret, rotated by one compare-and-set, ended on reuse. */
import { AuthError } from '../errors.js'
import type { ServerSecret, ServerSecrets } from '../keys/seal.js'
import type { FoundSession, Session, SessionStore } from '../stores/port.js'
import { equalBytes, hmacSha256 } from '../util/bytes.js'
import type { Adoption } from './adoption.js'
import { decide, type Verdict } from './decide.js'
import type { PresentedParts, RefreshParts } from './format.js'

/** What became of a presented refresh token: the session as it is now, with the parts of the token to answer with. */
export interface Rotation<A> {
  readonly found: FoundSession
  /** What `admit` answered. */
  readonly admitted: A
  readonly parts: RefreshParts
  /** True if this answers a retry inside the grace period. */
  readonly retried: boolean
}

export interface RefreshParted<A> {
  readonly sessions: SessionStore
  readonly secrets: ServerSecrets
  readonly graceSeconds: number
  /** `false` in the mode `fixed`, where the token stays the same. */
  readonly rotating: boolean
  /** Whether the token tells when it was made: the row is then read again, because the store's clock wrote that date. */
  readonly dated: boolean
  /** Ends a session before the answer. */
  end(session: Session, because: 'reuse' | 'rewound', generation: number): Promise<void>
  /** Runs between the last read and the write: the user must still be there and active. */
  admit(userId: string): Promise<A>
  /** For tokens of another system. */
  readonly adoption: Pick<Adoption, 'judge' | 'begin'>
}

/** How often a lost compare-and-set reads again before it gives up. */
const ATTEMPTS = 3
/** Last seen is never finer than this: who reads the sessions shall not learn when a browser refreshes. */
const TOUCH_SECONDS = 300

export function createRefreshTokens<A>(deps: RefreshParted<A>): {
  parts(session: Session): RefreshParts
  /** `keep`: the token stays what it is, also where tokens rotate. */
  redeem(parts: PresentedParts, keep?: boolean): Promise<Rotation<A>>
  /** True if this server made the token, for this session, in whatever generation. Throws `store_failed` where the secret to tell it is not here. */
  authentic(parts: Omit<PresentedParts, 'expired'>, session: Session): boolean
} {
  const { sessions, secrets, graceSeconds, rotating, dated, end, admit, adoption } = deps
  return { parts, redeem, authentic }

  /** The token of a session's current generation: the same on every replica that has the secret. */
  function parts(session: Session): RefreshParts {
    const secret = secrets.find(session.secretId)
    if (!secret) throw lacking(session.secretId)
    return made(session, session.generation, secret)
  }

  /** Throws `refresh_invalid`, `refresh_expired`, `refresh_reused`, `session_revoked`, and what `admit` throws. */
  async function redeem(presented: PresentedParts, keep = false): Promise<Rotation<A>> {
    if (presented.foreign) await adoption.judge(presented.foreign)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = (await sessions.find(presented.sessionId)) ?? (await adopted(presented))
      if (!found || !authentic(presented, found.session)) throw new AuthError('refresh_invalid')
      const { session } = found
      switch (inTime(decide(found, presented.generation, graceSeconds), presented)) {
        case 'revoked':
          throw new AuthError('session_revoked')
        case 'expired':
          throw new AuthError('refresh_expired')
        case 'reused':
          await end(session, 'reuse', presented.generation)
          throw new AuthError('refresh_reused')
        case 'rewound':
          await end(session, 'rewound', presented.generation)
          throw new AuthError('session_revoked')
        case 'grace':
          return { found, admitted: await admit(session.userId), parts: parts(session), retried: true }
        case 'rotate': {
          const admitted = await admit(session.userId)
          // Nothing is written, not even that it was seen: a token that stays ends when it says.
          const next = keep && rotating ? session : await advance(found)
          if (next) return { found: { ...found, session: next }, admitted, parts: parts(next), retried: false }
        }
      }
    }
    throw new AuthError('store_failed', { hint: 'the session kept changing', retryAfter: 1 })
  }

  /** The session of another system's token at its first use: nobody gets one who may not come in. */
  async function adopted({ foreign }: PresentedParts): Promise<FoundSession | undefined> {
    if (!foreign) return undefined
    await admit(foreign.subject)
    return adoption.begin(foreign, rotating)
  }

  async function advance({ session, now }: FoundSession): Promise<Session | undefined> {
    if (!rotating) {
      await sessions.touch(session.id, now - TOUCH_SECONDS)
      return session
    }
    const secret = secrets.current()
    const rotated = await sessions.rotate(session.id, session.generation, secret.id)
    if (!rotated) return undefined
    const generation = session.generation + 1
    const row = dated ? (await sessions.find(session.id))?.session : undefined
    if (row?.generation === generation) return row
    return { ...session, generation, secretId: secret.id, rotatedAt: now, lastSeenAt: now }
  }

  // An old generation may have been made under any secret that is still known.
  function authentic(presented: Omit<PresentedParts, 'expired'>, session: Session): boolean {
    if (presented.foreign) return presented.foreign.subject === session.userId
    const genuine = secrets.all.some((secret) => {
      const { mac } = made(session, presented.generation, secret)
      return equalBytes(mac.subarray(0, presented.mac.length), presented.mac)
    })
    // Another replica may know better: nobody is sent away, and no logout acknowledged, for want of a secret.
    const unknown = genuine ? undefined : makersOf(presented, session).find((id) => !secrets.find(id))
    if (unknown !== undefined) throw lacking(unknown)
    return genuine
  }
}

/** The secrets that a retry depends on: its successor's, and its own, which is another one where replicas have different lists. */
function makersOf({ generation }: Omit<PresentedParts, 'expired'>, session: Session): readonly string[] {
  const { secretId, previousSecretId } = session
  return generation === session.generation - 1 && previousSecretId !== null ? [secretId, previousSecretId] : [secretId]
}

/** A token that says itself that it is over buys nothing, also where its session goes on. */
const inTime = (verdict: Verdict, { expired }: PresentedParts): Verdict =>
  expired && (verdict === 'rotate' || verdict === 'grace') ? 'expired' : verdict

const lacking = (secretId: string): AuthError =>
  new AuthError('store_failed', { hint: `this process lacks the server secret ${secretId}`, retryAfter: 1 })

function made({ id, seed }: Session, generation: number, secret: ServerSecret): RefreshParts {
  return { sessionId: id, generation, mac: hmacSha256(secret.subkey('refresh'), `${id}.${generation}.${seed}`) }
}
