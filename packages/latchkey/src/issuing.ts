/** The part of the composition that issues and verifies: secrets, keys, revocation, tokens. */
import { AuthError } from './errors.js'
import type { Events } from './events.js'
import { expectations } from './jwt/claims.js'
import type { Claims } from './jwt/jws.js'
import { importKey } from './jwt/key.js'
import { compileSchema } from './jwt/schema.js'
import { createKeyring, type Keyring } from './keys/keyring.js'
import { announce, type ServerSecrets, serverSecrets } from './keys/seal.js'
import { staticKeyring } from './keys/static.js'
import type { Settings } from './options.js'
import { createEpochs } from './revocation/epochs.js'
import { createFeed } from './revocation/feed.js'
import type { Session, Stores, User, UserStore } from './stores/port.js'
import { createAccessTokens } from './tokens/access.js'
import { createEndings, type Endings } from './tokens/endings.js'
import { native } from './tokens/format.js'
import { createTokenService, type TokenService } from './tokens/service.js'
import { createVerifiedCache } from './tokens/verified.js'
import { OWN_ROW } from './util/own-row.js'
import { seconds } from './util/time.js'

export interface Issuing<U extends User> {
  readonly secrets: ServerSecrets
  readonly keyring: Keyring
  readonly tokens: TokenService<U>
  readonly endings: Endings
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
  const { options, clock, tokens: numbers, issuer, algorithm } = settings
  const format = options.preset?.format ?? native
  const secrets = serverSecrets(settings.secrets, clock)
  // Where refresh tokens are JWTs, others may hold the key, and their access tokens may carry the `iat` of the refresh token they came from.
  const inherited = format.refresh ? numbers.refreshSeconds : 0
  const longestSeconds = Math.max(numbers.accessSeconds + inherited, numbers.refreshSeconds)
  const keyring = createRing()
  const epochs = createEpochs({ clock })
  const feed = createFeed({
    log: stores.revocations,
    epochs,
    clock,
    ring: keyring.noticed,
    failed,
    rewound: () => events.emit('store.rewound', {}),
  })
  const endings = createEndings({ feed, events, clock, longestSeconds })
  const row = { id: OWN_ROW, iss: issuer, keys: keyring, algorithms: [algorithm] }
  const access = createAccessTokens({
    row,
    format,
    expect: expectations({
      iss: issuer,
      // Only a preset can come without an audience: systems of the past did not look.
      audience: numbers.audience.length > 0 ? numbers.audience : 'any',
      typ: format.typ,
      expLeeway: settings.leewaySeconds,
      leeway: Math.max(settings.leewaySeconds, CLOCKS_SECONDS),
      required: format.required,
      subjectClaim: format.subjectClaim,
      maxLifetime: format.refresh ? longestSeconds : Math.max(numbers.accessSeconds, seconds('1h')),
    }),
    epochs,
    clock,
    cache: settings.tokenCache > 0 ? createVerifiedCache(settings.tokenCache) : undefined,
    schema: options.claimsSchema && lazily(() => compileSchema(options.claimsSchema as object)),
  })
  const partOf = async (user: U) => (options.userPart ? options.userPart(user) : usualPart(user))
  const claimsOf = async (user: U, session: Session) => ({ ...(await options.claims?.(user, session)) }) as Claims
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
  return { secrets, keyring, tokens, endings, partOf, open, close: feed.stop }

  function createRing(): Keyring {
    if (settings.key === undefined) {
      const rotated = (kid: string) => events.emit('key.rotated', { kid })
      return createKeyring({
        store: stores.keys,
        secrets,
        algorithm,
        clock,
        longestSeconds: format.refresh ? longestSeconds : numbers.accessSeconds,
        row: OWN_ROW,
        rotated,
      })
    }
    const input = algorithm.startsWith('HS') ? { secret: settings.key } : { pem: settings.key }
    try {
      return staticKeyring(importKey(input, algorithm, { sign: true }))
    } catch (error) {
      throw error instanceof AuthError ? new AuthError('options_invalid', { hint: `key: ${error.hint}` }) : error
    }
  }

  async function open(): Promise<void> {
    await announce(secrets, stores.keys)
    await keyring.open()
    await feed.start()
  }
}

/** What is told of a user where the application does not say: never more than this, whatever its rows hold. */
function usualPart(user: User): Readonly<Record<string, unknown>> {
  const row = user as unknown as Record<string, unknown>
  const part: Record<string, unknown> = {}
  for (const name of ['id', 'username', 'email', 'permissions']) if (row[name] !== undefined) part[name] = row[name]
  return part
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
