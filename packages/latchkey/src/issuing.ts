/** The part of the composition that issues and verifies: secrets, keys, revocation, tokens. */
import { AuthError } from './errors.js'
import type { Events } from './events.js'
import { createHearing, type HearingHealth } from './hearing.js'
import { createIssuers, type IssuerInfo } from './issuers.js'
import { expectations } from './jwt/claims.js'
import type { Claims } from './jwt/jws.js'
import { importKey } from './jwt/key.js'
import { readClaimsSchema } from './jwt/schema.js'
import { joinedKeyring } from './keys/joined.js'
import { createKeyring, type Keyring } from './keys/keyring.js'
import { savedMac } from './keys/remote/mac.js'
import { createRemoteKeys, type RemoteKeys } from './keys/remote.js'
import { announce, type ServerSecrets, serverSecrets } from './keys/seal.js'
import { staticKeyring } from './keys/static.js'
import { userKeyring } from './keys/user-keys.js'
import type { Settings } from './options.js'
import { createEpochs, type Epochs } from './revocation/epochs.js'
import type { Feed } from './revocation/feed.js'
import type { Freshness } from './revocation/freshness.js'
import type { Session, Stores, User, UserIdentities, UserStore } from './stores/port.js'
import { createAccessTokens } from './tokens/access.js'
import { createEndings, type Endings } from './tokens/endings.js'
import { native } from './tokens/format.js'
import { createRevoke, type Revoke } from './tokens/revoke.js'
import { lateSchema, onlyRow, type Row } from './tokens/rows.js'
import { createTokenService, type TokenService } from './tokens/service.js'
import { createVerification } from './tokens/verification.js'
import { createVerifiedCache } from './tokens/verified.js'
import { type Admit, createAdmission } from './users/admission.js'
import { accountIdentities } from './users/identities.js'
import { sharedLimits } from './users/limits.js'
import { usualPart } from './users/usual-part.js'
import { OWN_ROW } from './util/own-row.js'
import { seconds } from './util/time.js'

/** How an auth fares, without a look at the store. */
export interface Health {
  readonly revocation: HearingHealth
}

export interface Issuing<U extends User> {
  readonly secrets: ServerSecrets
  readonly keyring: Keyring
  readonly tokens: TokenService<U>
  readonly endings: Endings
  readonly revoke: Revoke
  readonly admit: Admit
  readonly epochs: Epochs
  readonly feed: Feed
  readonly freshness: Freshness
  readonly issuers: () => readonly IssuerInfo[]
  health(): Health
  readonly partOf: (user: U) => Promise<Readonly<Record<string, unknown>>>
  open(): Promise<void>
  close(): void
}

/** Own `iat` and `nbf` may be this far ahead: two processes of one service, two clocks. */
const CLOCKS_SECONDS = 5

export function createIssuing<U extends User, C extends object>(
  settings: Settings<U, C>,
  stores: Stores,
  events: Events,
  users: UserStore<U>,
  failed: (error: unknown) => void,
): Issuing<U> {
  const { options, clock, tokens: numbers, issuer, algorithm, revocation } = settings
  const { boundSeconds, whenStale } = revocation
  const format = options.preset?.format ?? native
  const secrets = serverSecrets(settings.secrets, clock)
  // Where refresh tokens are JWTs, others may hold the key, and their access tokens may carry the `iat` of the refresh token they came from.
  const inherited = format.refresh ? numbers.refreshSeconds : 0
  const foreign = settings.issuers?.longestSeconds ?? 0
  const forms = Object.values(format.forms ?? {}).flatMap((form) => [form.accessSeconds, form.sessionSeconds])
  const longestSeconds = Math.max(numbers.accessSeconds + inherited, numbers.refreshSeconds, ...forms)
  // The longest that any access token lives, whoever made it.
  const accessSeconds = format.refresh ? longestSeconds : numbers.accessSeconds
  const epochs = createEpochs({ clock })
  // Names and neighbours belong to the key of the preset, and mean nothing for another.
  const beside = options.key === undefined ? options.preset?.defaults.keys : undefined
  const saved = { store: stores.keySets, mac: savedMac(secrets) }
  const published = beside?.url === undefined ? undefined : publishedKeys(beside.url)
  const keyring = createRing()
  const hearing = createHearing({
    settings: revocation,
    log: stores.revocations,
    wake: stores.wake,
    ring: keyring.noticed,
    epochs,
    events,
    clock,
    failed,
  })
  const { feed, freshness } = hearing
  const endings = createEndings({
    feed,
    keys: keyring,
    events,
    clock,
    longestSeconds: Math.max(longestSeconds, foreign),
  })
  const revoke = createRevoke({
    sessions: stores.sessions,
    endings,
    clock,
    boundSeconds,
    cutOffSeconds: whenStale === 'allow' ? accessSeconds + settings.leewaySeconds : undefined,
  })
  const row: Row & { readonly keys: Keyring } = {
    id: OWN_ROW,
    iss: issuer,
    keys: keyring,
    expect: expectations({
      iss: issuer,
      // Only a preset can come without an audience: systems of the past did not look.
      audience: numbers.audience.length > 0 ? numbers.audience : 'any',
      typ: format.typ,
      expLeeway: settings.leewaySeconds,
      leeway: Math.max(settings.leewaySeconds, CLOCKS_SECONDS),
      required: format.required,
      subjectClaim: format.subjectClaim,
      numericSubject: format.numericSubject,
      maxLifetime: format.refresh ? longestSeconds : Math.max(numbers.accessSeconds, seconds('1h')),
    }),
    read: format.readAccess,
    schema: options.claimsSchema === undefined ? undefined : lateSchema(readClaimsSchema(options.claimsSchema)),
    // Its signature costs less than looking it up, unless the application knows better.
    // The secret of a user may be another at any time, and then what it signed is over.
    cached: options.preset?.userSecret ? false : !algorithm.startsWith('HS') || options.tokenCache !== undefined,
  }
  const issuers =
    settings.issuers &&
    createIssuers({
      settings: settings.issuers,
      saved,
      clock,
      development: settings.development,
      failed,
    })
  const verification = createVerification({
    rows: issuers ? issuers.rows(row) : onlyRow(row),
    epochs,
    freshness,
    clock,
    cache: settings.tokenCache > 0 ? createVerifiedCache(settings.tokenCache) : undefined,
  })
  const access = createAccessTokens({ row, format, verification, clock })
  const partOf = async (user: U) => (options.userPart ?? options.preset?.userPart ?? usualPart)(user)
  const claimsOf = async (user: U, session: Session) =>
    ({ ...(await options.preset?.claims?.(user, users)), ...(await options.claims?.(user, session)) }) as Claims
  const tokens = createTokenService<U>({
    stores,
    users,
    access,
    row,
    format,
    secrets,
    endings,
    events,
    clock,
    settings: numbers,
    claimsOf,
    partOf,
  })
  return {
    secrets,
    keyring,
    tokens,
    endings,
    revoke,
    admit: admission(),
    epochs,
    feed,
    freshness,
    issuers: issuers?.list ?? (() => []),
    health: () => ({ revocation: hearing.health() }),
    partOf,
    open,
    close,
  }

  function createRing(): Keyring {
    const ring = settings.key === undefined ? generatedRing() : configuredRing(settings.key)
    return published ? joinedKeyring(ring, published) : ring
  }

  function publishedKeys(jwksUrl: string): RemoteKeys {
    const { development } = settings
    const where = { source: { jwksUrl }, allowPrivate: development, allowHttp: development }
    return createRemoteKeys({ row: OWN_ROW, issuer, ...where, algorithms: [algorithm], clock, saved, failed })
  }

  function generatedRing(): Keyring {
    const rotated = (kid: string) => events.emit('key.rotated', { kid })
    return createKeyring({
      store: stores.keys,
      secrets,
      algorithm,
      clock,
      longestSeconds: accessSeconds,
      row: OWN_ROW,
      // Above every stamp nothing but the end of the key counts.
      isRevoked: (kid) => epochs.verdict(OWN_ROW, { subject: '', kid, rev: Number.POSITIVE_INFINITY }) === 'dead',
      rotated,
    })
  }

  function configuredRing(key: string): Keyring {
    const input = algorithm.startsWith('HS') ? { secret: key } : { pem: key }
    try {
      const kid = beside?.kid
      const ring = staticKeyring(importKey(input, algorithm, { sign: true, ...(kid !== undefined && { kid }) }), beside)
      return options.preset?.userSecret ? userKeyring({ ring, algorithm, secretOf }) : ring
    } catch (error) {
      throw error instanceof AuthError ? new AuthError('options_invalid', { hint: `key: ${error.hint}` }) : error
    }
  }

  /** Of claims that nobody has verified: they choose whose secret is tried, and prove themselves by it. */
  async function secretOf(claims: Claims): Promise<string | undefined> {
    const id = claims[format.subjectClaim]
    const user = typeof id === 'string' || Number.isSafeInteger(id) ? await users.findById(String(id)) : undefined
    return user && (await options.preset?.userSecret?.(user))
  }

  function admission(): Admit {
    const { identities, users: accounts, limits } = stores
    const known = options.users ? users.identities : accountIdentities(identities, accounts, clock)
    const shared = { epochs, head: () => feed.head, limits: sharedLimits(limits), events, clock, failed }
    return createAdmission({ identities: known as UserIdentities | undefined, ...shared })
  }

  function close(): void {
    feed.stop()
    issuers?.close()
    void published?.close().catch(failed)
  }

  async function open(): Promise<void> {
    // Here, not with the first token: a schema that cannot be used must stop the start.
    await row.schema?.compile()
    await issuers?.open()
    await announce(secrets, stores.keys)
    await keyring.open()
    await feed.start()
  }
}
