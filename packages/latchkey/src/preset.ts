/** What a preset is: options, a token format and a surface as data, so that the core never asks whom it imitates. */
import type { GraphqlSurface } from './endpoints/graphql-surface.js'
import type { RouteTools, Surface } from './endpoints/surface.js'
import type { Link } from './guard/authenticator.js'
import type { IssuerOptions } from './issuer-options.js'
import type { Algorithm } from './jwt/algorithms.js'
import type { ConfiguredKeys } from './keys/static.js'
import type { User, UserStore } from './stores/port.js'
import type { TokenFormat } from './tokens/format.js'
import type { CookieTransport, Transport } from './transport/transport.js'

/** Options that a preset sets where the application does not. */
export interface PresetDefaults {
  readonly issuer?: string | undefined
  /** `[]`: the `aud` of a token is not looked at, as systems of the past did. */
  readonly audience?: string | readonly string[] | undefined
  readonly algorithm?: Algorithm | undefined
  readonly key?: string | undefined
  /** The name of `key`, and the keys beside it. */
  readonly keys?: ConfiguredKeys | undefined
  readonly accessLifetime?: string | number | undefined
  readonly refreshLifetime?: string | number | undefined
  /** Default: `refreshLifetime`. */
  readonly idleLifetime?: string | number | undefined
  readonly refresh?: 'rotating' | 'fixed' | 'single' | undefined
  readonly leeway?: number | undefined
}

/** Another system's ways, as data. */
export interface Preset {
  readonly name: string
  readonly defaults: PresetDefaults
  readonly format: TokenFormat
  readonly transports: readonly (Transport | CookieTransport)[]
  /** What two credentials in one request are. `first`: the transport that stands first wins. Default `one`: an error (RFC 6750 section 2). */
  readonly credentials?: 'one' | 'first'
  readonly silentRefresh?: boolean
  /** Issuers whose tokens it takes, before those of the application. */
  readonly issuers?: readonly IssuerOptions[]
  readonly surface: Surface
  /** What it makes of GraphQL, where it knew that. */
  readonly graphql?: (tools: RouteTools) => GraphqlSurface
  /** The user as formats show it, where the application does not say. */
  readonly userPart?: (user: User) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
  /** Claims to add to the tokens of a user; those of the application come on top. */
  readonly claims?: (
    user: User,
    users: Pick<UserStore, 'findByLogin'>,
  ) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
  /** The secret that signs and verifies the tokens of a user, in the place of `key`; for HS algorithms. */
  readonly userSecret?: (user: User) => string | undefined | Promise<string | undefined>
  /** The users table as this system sees it: who is active, say. */
  readonly users?: <U extends User>(users: UserStore<U>) => UserStore<U>
  /** The chain that finds out who calls, where it is not `[jwt()]`. */
  readonly authenticators?: readonly (<U extends User>() => Link<U>)[]
}
