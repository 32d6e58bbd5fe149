/** The settings of djangorestframework-simplejwt under their own names, as an application writes them and as the code reads them. */
import type { Algorithm } from '../../jwt/algorithms.js'
import type { Claims } from '../../jwt/jws.js'
import type { Key } from '../../jwt/key.js'
import type { Account, User } from '../../stores/port.js'
import type { RequestHead } from '../../transport/head.js'
import type { OriginalRefreshTokens } from './original.js'

/** SimpleJwtMembers to be put into a token, or into an answer. */
export type SimpleJwtMembers = Readonly<Record<string, unknown>>

/** What a serializer's `validate` knows besides the answer so far. */
export interface SimpleJwtAttempt<U extends User = Account> {
  /** Whoever obtained or refreshed; absent at verify and blacklist. */
  readonly user?: U | undefined
  readonly request: RequestHead
}

/** What is replaced of a serializer: the rest of it stays as it is. */
export interface SimpleJwtSerializer<U extends User = Account> {
  /** The answer to a good request, from what it would be. Throws an `AuthError` to refuse after all. */
  readonly validate?: (
    data: SimpleJwtMembers,
    about: SimpleJwtAttempt<U>,
  ) => SimpleJwtMembers | Promise<SimpleJwtMembers>
}

/** The serializer of an obtain endpoint, which also says what stands in the tokens. */
export interface SimpleJwtObtainSerializer<U extends User = Account> extends SimpleJwtSerializer<U> {
  /** Claims to be added to every token of the user: in the original, what a subclass adds in `get_token`. */
  readonly get_token?: (user: U) => SimpleJwtMembers | Promise<SimpleJwtMembers>
}

/** What tokens may open views, by its class in the original. */
export type SimpleJwtTokenClass = 'AccessToken' | 'SlidingToken'

/** An authentication class of the original. */
export type SimpleJwtAuthentication =
  | 'JWTAuthentication'
  | 'JWTStatelessUserAuthentication'
  | 'JWTTokenUserAuthentication'

/**
 * `SIMPLE_JWT` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`, and functions where it has dotted
 * paths. In lower case: what the original has in other places. `null` and `''` are as good as absent, where the original takes them.
 */
export interface SimpleJwtSettings<U extends User = Account> {
  /** Default 5 minutes. */
  readonly ACCESS_TOKEN_LIFETIME?: string | number
  /** Default 1 day. Where refresh tokens rotate, each of them lives this long. */
  readonly REFRESH_TOKEN_LIFETIME?: string | number
  /** Whether a refresh answers a new refresh token too. Default false. */
  readonly ROTATE_REFRESH_TOKENS?: boolean
  /** Whether the verify endpoint looks at what was blacklisted. That a rotated token buys nothing more is so in any case. Default false. */
  readonly BLACKLIST_AFTER_ROTATION?: boolean
  /** Whether `ON_LOGIN_SUCCESS` is called. The last login is noted in any case. Default false. */
  readonly UPDATE_LAST_LOGIN?: boolean
  /** Default HS256. */
  readonly ALGORITHM?: Algorithm
  /**
   * What tokens are signed with, in Django `settings.SECRET_KEY`: a secret for HS, a private PEM for the others. Of a list the first
   * signs and all of them verify, so that a new key signs nobody out.
   */
  readonly SIGNING_KEY?: string | readonly string[]
  /**
   * Where another service publishes the keys that sign for this one, which tokens name by their `kid`; for algorithms with public keys.
   * With it `SIGNING_KEY` may be left out: then what is issued here is signed by a key of our own.
   */
  readonly JWK_URL?: string | null
  /** The public PEM of an asymmetric `SIGNING_KEY`; may be left out. */
  readonly VERIFYING_KEY?: string | null
  /** Put into tokens and demanded of them. Default: none, and the `aud` of a token is not looked at. */
  readonly AUDIENCE?: string | readonly string[] | null
  readonly ISSUER?: string | null
  /** Seconds by which `exp`, `nbf` and `iat` may be off. Default 0. */
  readonly LEEWAY?: string | number
  /** Schemes that are as good as each other; the first is in the challenge. To the letter. Default `['Bearer']`. */
  readonly AUTH_HEADER_TYPES?: string | readonly string[]
  /** The header as WSGI spells it. Default `HTTP_AUTHORIZATION`. */
  readonly AUTH_HEADER_NAME?: string
  /** `id`, or `pk`, which is the same: the id that your users table gives. */
  readonly USER_ID_FIELD?: 'id' | 'pk'
  /** Default `user_id`. */
  readonly USER_ID_CLAIM?: string
  /** Whether a user may have tokens; asked at login, at refresh and at every view. Default: every active user. */
  readonly USER_AUTHENTICATION_RULE?: (user: U) => boolean
  /** Default true. `false`: users who are not active may come in, too. */
  readonly CHECK_USER_IS_ACTIVE?: boolean
  /** Called after a login, where `UPDATE_LAST_LOGIN` is on. */
  readonly ON_LOGIN_SUCCESS?: (user: U, request: RequestHead) => void | Promise<void>
  /** Called after a login that failed. The password is starred. */
  readonly ON_LOGIN_FAILED?: (credentials: SimpleJwtMembers, request: RequestHead) => void | Promise<void>
  /** What opens views: names of classes, with or without their module. Default `['AccessToken']`. */
  readonly AUTH_TOKEN_CLASSES?: readonly string[]
  /** Default `token_type`. */
  readonly TOKEN_TYPE_CLAIM?: string
  /** Default `jti`. */
  readonly JTI_CLAIM?: string
  /** Makes the user of a stateless authentication from the claims. Default: `id`, `pk`, `username`, `is_staff`, `is_superuser`, and every claim. */
  readonly TOKEN_USER_CLASS?: (claims: Claims) => SimpleJwtMembers
  /** Default `refresh_exp`. */
  readonly SLIDING_TOKEN_REFRESH_EXP_CLAIM?: string
  /** Default 5 minutes. */
  readonly SLIDING_TOKEN_LIFETIME?: string | number
  /** Default 1 day. */
  readonly SLIDING_TOKEN_REFRESH_LIFETIME?: string | number
  readonly TOKEN_OBTAIN_SERIALIZER?: SimpleJwtObtainSerializer<U>
  readonly TOKEN_REFRESH_SERIALIZER?: SimpleJwtSerializer<U>
  readonly TOKEN_VERIFY_SERIALIZER?: SimpleJwtSerializer<U>
  readonly TOKEN_BLACKLIST_SERIALIZER?: SimpleJwtSerializer<U>
  readonly SLIDING_TOKEN_OBTAIN_SERIALIZER?: SimpleJwtObtainSerializer<U>
  readonly SLIDING_TOKEN_REFRESH_SERIALIZER?: SimpleJwtSerializer<U>
  /** Whether tokens carry a fingerprint of the password, and are refused in these words once it is another. Default false. */
  readonly CHECK_REVOKE_TOKEN?: boolean
  /** Default `hash_password`. */
  readonly REVOKE_TOKEN_CLAIM?: string
  /** What stands among `DEFAULT_AUTHENTICATION_CLASSES`. The stateless ones load no user. Default `JWTAuthentication`. */
  readonly authentication?: SimpleJwtAuthentication
  /** The member that has the user name, in Django `User.USERNAME_FIELD`. Default `username`. */
  readonly username_field?: string
  /**
   * Where the endpoints stand; `null`: not there. Default `/api/token/`, `/api/token/refresh/`, `/api/token/verify/`,
   * `/api/token/blacklist/`. Sliding tokens have the first two where nothing else does, else `/api/sliding/` and `/api/sliding/refresh/`.
   * Where the `SIGNING_KEY` has a public half, that stands at `/.well-known/jwks.json` for a `JWK_URL`, and tokens name their key.
   */
  readonly paths?: Readonly<Partial<Record<SimpleJwtPath, string | null>>>
  /** Which refresh tokens of the original, signed with the same key, go on here: each becomes a session at its first use. Default `true`: all. */
  readonly originalRefreshTokens?: OriginalRefreshTokens
  /** Whose words: `5.2` (default), or `5.5`, which has user ids as text and tells expired tokens from invalid ones. */
  readonly version?: '5.2' | '5.5'
}

/** An endpoint of the original. */
export type SimpleJwtPath = 'obtain' | 'refresh' | 'verify' | 'blacklist' | 'sliding' | 'sliding_refresh' | 'jwks'

type Hooks = Pick<
  SimpleJwtSettings<User>,
  | 'USER_AUTHENTICATION_RULE'
  | 'ON_LOGIN_SUCCESS'
  | 'ON_LOGIN_FAILED'
  | 'TOKEN_USER_CLASS'
  | 'TOKEN_OBTAIN_SERIALIZER'
  | 'TOKEN_REFRESH_SERIALIZER'
  | 'TOKEN_VERIFY_SERIALIZER'
  | 'TOKEN_BLACKLIST_SERIALIZER'
  | 'SLIDING_TOKEN_OBTAIN_SERIALIZER'
  | 'SLIDING_TOKEN_REFRESH_SERIALIZER'
>

/** The same, for code: names of claims and headers as they are on the wire, lifetimes in seconds. */
export interface ReadSettings {
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly slidingSeconds: number
  readonly slidingRefreshSeconds: number
  readonly rotates: boolean
  /** Whether the verify endpoint looks at what was ended. */
  readonly blacklists: boolean
  readonly tellsLogins: boolean
  readonly checksActive: boolean
  /** The claim with the fingerprint of the password, where tokens have one. */
  readonly passwordClaim: string | undefined
  readonly algorithm: Algorithm
  readonly signingKey: string | undefined
  readonly jwkUrl: string | undefined
  /** That one and those from before, as they are written down. */
  readonly signingKeys: readonly string[]
  /** Keys from before, which verify. */
  readonly olderKeys: readonly Key[]
  readonly verifyingKey: string | undefined
  readonly audience: readonly string[]
  readonly issuer: string | undefined
  readonly leewaySeconds: number
  readonly schemes: readonly [string, ...string[]]
  readonly header: Lowercase<string>
  readonly claims: { readonly user: string; readonly type: string; readonly jti: string; readonly refreshExp: string }
  readonly classes: readonly SimpleJwtTokenClass[]
  readonly stateless: boolean
  readonly usernameField: string
  readonly paths: Readonly<Record<SimpleJwtPath, string | null>>
  readonly hooks: Hooks
  /** From when on refresh tokens of the original are refused, in seconds; 0: always. */
  readonly originalBefore: number
  readonly textIds: boolean
  readonly tellsExpired: boolean
}
