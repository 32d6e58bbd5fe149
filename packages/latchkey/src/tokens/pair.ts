/** The tokens of a session, made: an access token, and a refresh token where there is one. */
import type { Claims } from '../jwt/jws.js'
import type { Keyring } from '../keys/keyring.js'
import type { Session, Stamp, User } from '../stores/port.js'
import { randomId } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import { type AccessTokens, signAs } from './access.js'
import { type AccessFacts, type AccessForm, type RefreshParts, type TokenFormat, writeOpaque } from './format.js'
import { isRemembered, type TokenSettings } from './new-session.js'
import type { Tokens } from './tokens.js'

export interface PairParts<U extends User> {
  readonly access: Pick<AccessTokens, 'sign'>
  readonly row: { readonly iss: string | undefined; readonly keys: Pick<Keyring, 'signer'> }
  readonly format: TokenFormat
  readonly clock: Clock
  readonly settings: TokenSettings
  readonly claimsOf: (user: U, session: Session) => Promise<Claims>
  readonly partOf: (user: U) => Promise<Readonly<Record<string, unknown>>>
  /** The refresh token of a session's current generation; `undefined` where there is none. */
  readonly partsOf: (session: Session) => RefreshParts | undefined
}

/** `form`: an access token that renews itself, and nothing else. `next`: the refresh token, where it is another than that of the session. */
type MakePair<U extends User> = (
  user: U,
  session: Session,
  stamp: Stamp,
  form?: AccessForm,
  next?: RefreshParts,
) => Promise<Tokens>

export function createPair<U extends User>(deps: PairParts<U>): MakePair<U> {
  const { access, row, format, clock, settings, claimsOf, partOf, partsOf } = deps
  return pair

  async function pair(
    user: U,
    session: Session,
    stamp: Stamp,
    form: AccessForm | undefined,
    next?: RefreshParts,
  ): Promise<Tokens> {
    const parts = next ?? (form ? undefined : partsOf(session))
    const now = clock()
    const extra = await claimsOf(user, session)
    const shared = {
      issuer: row.iss ?? '',
      audience: settings.audience,
      subject: user.id,
      extra,
      userPart: await partOf(user),
    }
    const expiresAt = Math.min(now + (form ?? settings).accessSeconds, session.expiresAt)
    const facts: AccessFacts = {
      ...shared,
      stamp,
      issuedAt: now,
      clientId: settings.clientId,
      sessionId: session.id,
      jti: randomId(),
      expiresAt,
      sessionExpiresAt: session.expiresAt,
      sessionCreatedAt: session.createdAt,
      authenticatedAt: session.authenticatedAt,
      refreshIssuedAt: session.rotatedAt,
      scope: session.scope ?? undefined,
    }
    const signed = await access.sign(facts, form)
    const written = parts && (await writeRefresh(parts))
    return {
      access: signed,
      accessExpiresAt: expiresAt,
      refresh: written,
      refreshExpiresAt: Math.min(session.expiresAt, now + session.idleSeconds),
      sessionId: session.id,
      remember: isRemembered(session, settings),
      issuedAt: now,
      scope: session.scope ?? undefined,
    }

    async function writeRefresh(made: RefreshParts): Promise<string> {
      if (!format.refresh) return writeOpaque(made)
      const mac = made.mac.subarray(0, format.refresh.macBytes)
      // Nothing of this moment: a retry in the grace period has to get the same token, on every replica.
      const issuedAt = session.rotatedAt
      const idleAt = settings.mode === 'rotating' ? issuedAt + session.idleSeconds : session.expiresAt
      const expiresAt = Math.min(session.expiresAt, idleAt)
      const begun = { stamp: session.stamp, sessionCreatedAt: session.createdAt }
      const claims = format.refresh.write({ ...shared, ...made, ...begun, mac, issuedAt, expiresAt })
      return signAs(await row.keys.signer(claims), claims, format)
    }
  }
}
