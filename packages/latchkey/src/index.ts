/** The front door: what most applications import. */
export type { AuthenticateOptions, CallerOf, Guarding, PassedError, UserOf } from './adapters/guarding.js'
export { type Auth, type AuthOptions, type Chained, createAuth, type Logger } from './auth.js'
export { readBody } from './endpoints/body.js'
export type { LoginOptions } from './endpoints/by-hand.js'
export type {
  Answer,
  Answered,
  Asked,
  Call,
  Field,
  Operation,
  Operations,
  OwnRoute,
  Rejection,
  RevocationPage,
  Route,
  RouteOf,
  RouteTools,
  SignedIn,
  SignedOut,
  Site,
} from './endpoints/surface.js'
export type { UserPart } from './endpoints/wire.js'
export {
  AuthError,
  type AuthErrorDetails,
  type CsrfLayer,
  type ErrorCode,
  type Problem,
  type Reason,
} from './errors.js'
export type { EventMap, EventName, Events, Listener, Occasion } from './events.js'
export { type ApiTokenOptions, apiToken } from './guard/api-token.js'
export type { Authentication, Authenticator, Found, Link, LinkTools } from './guard/authenticator.js'
export { basic } from './guard/basic.js'
export type { AuthContext, Via } from './guard/context.js'
export {
  allOf,
  anyOf,
  checkNow,
  fresh,
  type Guard,
  type GuardedRequest,
  group,
  permission,
  scope,
  signedIn,
  where,
} from './guard/guards.js'
export { jwt } from './guard/jwt.js'
export { modelPermissions } from './guard/model-permissions.js'
export { authenticator, type FindUser } from './guard/own.js'
export type { HearingHealth } from './hearing.js'
export type { Pruned } from './housekeeping.js'
export type { IssuerKeys, IssuerOptions, IssuerTable, IssuerUsers, PermissionMap } from './issuer-options.js'
export type { IssuerInfo } from './issuers.js'
export type { Health } from './issuing.js'
export type { DemandedClaims, HookClaims, NeedsClaimsHook } from './jwt/hook-types.js'
export type { ClaimsSchema } from './jwt/schema.js'
export type { StandardIssue, StandardResult, StandardSchema } from './jwt/schema-standard.js'
export type { ClaimsOf } from './jwt/schema-types.js'
export type { KeyInfo, Keyring } from './keys/keyring.js'
export type { KnownKey } from './keys/remote/key-set.js'
export type { ExternalKeys, RemoteKeys, RemoteKeysState } from './keys/remote.js'
export type { KeyState } from './keys/ring.js'
export type { ConfiguredKeys } from './keys/static.js'
export type { Preset, PresetDefaults } from './preset.js'
export { type RemoteAuth, remoteAuth } from './remote-auth.js'
export type { RemoteAuthOptions, RemoteRevocationOptions, VerifyEndpoint } from './remote-options.js'
export type { WhenStale } from './revocation/freshness.js'
export type { RevocationOptions } from './revocation/options.js'
export type { RemoteToken } from './revocation/remote-log.js'
export type {
  Account,
  AccountPatch,
  AccountStore,
  ApiToken,
  ApiTokenStore,
  Arrival,
  Budget,
  Charge,
  Epoch,
  FoundSession,
  Group,
  GroupStore,
  Identity,
  IdentityStore,
  KeySetStore,
  KeyStore,
  LimitStore,
  LogRead,
  NewAccount,
  NewEpoch,
  Provisioned,
  RevocationLog,
  SaidOfUser,
  Scope,
  Session,
  SessionStore,
  Stores,
  User,
  UserIdentities,
  UserStore,
  Wake,
} from './stores/port.js'
export type { ExpiringToken } from './tokens/endings.js'
export type { ClaimPath, ListedClaim, Mapped } from './tokens/mapping.js'
export type { IssueOptions } from './tokens/new-session.js'
export type { Revocable, Revoked } from './tokens/revoke.js'
export type { Looked, RefreshOptions, Renewed, TokenService } from './tokens/service.js'
export type { Verified } from './tokens/verified.js'
export { type BearerOptions, bearer } from './transport/bearer.js'
export { type CookieOptions, type FormerCookies, oneCookie, splitCookies } from './transport/cookies.js'
export type { Csrf } from './transport/csrf.js'
export type { Peer, RequestHead } from './transport/head.js'
export type {
  CookieSite,
  CookieTransport,
  Credential,
  CsrfPair,
  Delivery,
  Tokens,
  Transport,
} from './transport/transport.js'
export type { Delivered, Transports } from './transport/transports.js'
export type { Accounts } from './users/accounts.js'
export type { Admit } from './users/admission.js'
export type { ApiCaller, ApiTokenCheck } from './users/api-token-check.js'
export type { ApiTokenInfo, ApiTokenInput, ApiTokenPage, ApiTokens, NewApiToken } from './users/api-tokens.js'
export type { Bootstrap, BootstrapClaim } from './users/bootstrap.js'
export type { Groups } from './users/groups.js'
export type { AccountImport, Imported, ImportedAccount } from './users/import.js'
export type { Identities, IdentityName } from './users/links.js'
export { type Credentials, type LoginMethod, type LoginTools, passwords } from './users/login.js'
export type { AccountInput } from './users/new-account.js'
export type { Hasher } from './users/passwords.js'
export type { ThrottleOptions } from './users/throttle.js'
export type { Clock } from './util/time.js'
