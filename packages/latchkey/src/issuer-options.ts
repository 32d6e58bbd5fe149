/** What an application writes down about an issuer whose tokens it takes. */
import type { Algorithm } from './jwt/algorithms.js'
import type { Claims } from './jwt/jws.js'
import type { ClaimsSchema } from './jwt/schema.js'
import type { Budget } from './stores/port.js'
import type { ClaimPath, ListedClaim } from './tokens/mapping.js'

/** Where the keys of an issuer come from. */
export type IssuerKeys =
  /** The metadata of the issuer (OpenID Connect Discovery, RFC 8414), at its usual place or at this URL. `allowPrivate`: addresses of a private network are asked too; default in development only. */
  | { readonly discovery: true | string; readonly allowPrivate?: boolean }
  | { readonly jwksUrl: string; readonly allowPrivate?: boolean }
  | { readonly jwksFile: string }
  | { readonly jwks: object }
  | { readonly jwk: object }
  /** A public key or a certificate. Several of one algorithm are told apart by thumbprint only: a set of JWKs has names. */
  | { readonly pem: string | readonly string[] }
  /** Shared with the issuer, for HS algorithms: whoever can verify can sign too. */
  | { readonly secret: string }

/** Which users tokens of an issuer may stand for: new ones too, those that are known, or none: then the claims are all there is. */
export type IssuerUsers = 'create' | 'known' | 'none'

/** An issuer whose tokens are taken, and what its tokens have to be. */
export interface IssuerOptions {
  /** The name of the row, kept with every identity in the database: it must never change. Default: `issuer`. */
  readonly id?: string
  /** The `iss` of its tokens, to the letter. Left out: its tokens have none, which one issuer at most may do. */
  readonly issuer?: string
  /** Default: the metadata of the issuer. */
  readonly keys?: IssuerKeys
  /** What its tokens may be signed with. Default `RS256`, `ES256` and `EdDSA`: one for each kind of key. */
  readonly algorithms?: readonly Algorithm[]
  /** Whom its tokens are for: they must name one of these. Left out: a token that names any audience is refused. */
  readonly audience?: string | readonly string[]
  /** The `typ` that its tokens must have. Default `JWT`, `at+jwt`, or none. */
  readonly typ?: readonly string[]
  /** How far its clock and ours may differ. Default 30 seconds, at most 120. */
  readonly leeway?: string | number
  /** The longest life of a token, from `iat` to `exp`. Default 30 days: what is revoked is remembered that long. */
  readonly maxLifetime?: string | number
  /** What else the claims must be: JSON Schema 2020-12, or a Standard Schema validator. */
  readonly schema?: ClaimsSchema
  /** The claim that names the user. Default `sub`. Never an e-mail address: those change hands. */
  readonly subject?: string
  /** The claim with the scopes, as text or as a list. Default `scope`. */
  readonly scope?: ClaimPath
  /** The claim that a new user is called by. Only a wish: where the name is taken the user gets another. */
  readonly username?: ClaimPath
  /** The claim with the e-mail address of a new user; taken only where `email_verified` is `true`, and never used to find anybody. */
  readonly email?: ClaimPath
  /** What to keep of the claims with the user, by name. Nothing else is kept. */
  readonly attributes?: Readonly<Record<string, ClaimPath | ListedClaim>>
  /** What values of a claim allow: `{ claim: ['realm_access', 'roles'], values: { editor: ['posts:write'] } }`. Values that are not listed mean nothing. */
  readonly permissions?: PermissionMap | readonly PermissionMap[]
  /** Default: the most that the users table can do; ours can create. */
  readonly users?: IssuerUsers
  /** How many users may be made on the fly. Default 600 in one minute. */
  readonly newUsers?: Budget
  /** The last word about a good token of this issuer: `false` keeps its bearer out (`permission_denied`). */
  readonly admit?: (claims: Claims) => boolean
}

/** From values of one claim to permissions. */
export interface PermissionMap {
  readonly claim: ClaimPath
  readonly values: Readonly<Record<string, string | readonly string[]>>
}

/** A table of issuers that grows: tenants. */
export interface IssuerTable {
  readonly rows?: readonly IssuerOptions[]
  /**
   * The issuer of that `iss`, which anybody may have made up; `undefined` if there is none. Whatever it answers is remembered: a row for
   * `remember`, its absence for a minute; at most 16 questions about strangers are open at a time, each for 5 seconds, and two issuers cannot have one `id`. Its `issuer` must be the one asked for.
   */
  resolve(iss: string): IssuerOptions | undefined | Promise<IssuerOptions | undefined>
  /** Default 10 minutes. */
  readonly remember?: string | number
}
