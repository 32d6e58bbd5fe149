/** What the endpoints do, without HTTP: REST and GraphQL call the same functions. */
import type { Events } from '../events.js'
import type { Found } from '../guard/authenticator.js'
import type { Keyring } from '../keys/keyring.js'
import type { Stores, User } from '../stores/port.js'
import type { Endings } from '../tokens/endings.js'
import type { TokenService } from '../tokens/service.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Transports } from '../transport/transports.js'
import type { Accounts } from '../users/accounts.js'
import type { Login } from '../users/login.js'
import type { ChangePassword } from '../users/own-table.js'
import { createAnySessions } from './any-sessions.js'
import type { News } from './news.js'
import { describe } from './openapi.js'
import { createOwnSessions } from './own-sessions.js'
import { createRevocationReading } from './revocations.js'
import { createSignIn } from './sign-in.js'
import type { Operations, Surface } from './surface.js'
import type { UserPart } from './wire.js'

export interface OperationParts<U extends User> {
  readonly stores: Pick<Stores, 'sessions' | 'revocations'>
  readonly tokens: TokenService<U>
  readonly endings: Endings
  readonly events: Events
  readonly keyring: Keyring
  readonly news: News
  readonly transports: Transports
  readonly authenticate: (head: RequestHead, peer: Peer) => Found<U>
  readonly login: Login<U>
  readonly accounts: Accounts | undefined
  readonly changePassword: ChangePassword<U> | undefined
  readonly partOf: (user: U) => Promise<UserPart>
  readonly surface: Surface
  readonly settings: {
    readonly issuer: string | undefined
    readonly algorithm: string
    readonly native: { readonly register: boolean }
    readonly tokens: { readonly mode: string }
  }
}

export function createOperations<U extends User>(parts: OperationParts<U>): Operations<U> {
  const { stores, tokens, endings, keyring, login, accounts, changePassword, partOf, surface, settings } = parts
  const { issuer, native } = settings
  const { news, authenticate, transports, events } = parts
  return {
    ...createSignIn<U>({
      revocations: stores.revocations,
      tokens,
      transports,
      single: settings.tokens.mode === 'single',
      login,
      partOf,
      register: registration(),
      changePassword,
    }),
    ...createOwnSessions<U>({ sessions: stores.sessions, tokens, endings, transports, events, partOf }),
    ...createAnySessions<U>({ sessions: stores.sessions, endings }),
    ...createRevocationReading<U>({ log: stores.revocations, news, authenticate }),
    jwks: () => keyring.jwks(),
    metadata: async () => metadata(issuer ?? ''),
    openapi: async () => describe(surface.routes, issuer),
  }

  function registration(): ((input: { username: string; password: string }, peer: Peer) => Promise<U>) | undefined {
    if (!accounts || !native.register) return undefined
    return async (input, peer) => (await accounts.register(input, peer)) as unknown as U
  }
}

/** The metadata of RFC 8414: no grant is offered, so it names no endpoints but the keys. */
const metadata = (issuer: string): object => ({
  issuer,
  jwks_uri: new URL('/.well-known/jwks.json', issuer).href,
  response_types_supported: [],
  grant_types_supported: [],
})
