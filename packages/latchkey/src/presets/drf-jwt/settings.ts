/** The settings of djangorestframework-jwt (2017) and of drf-jwt, its successor, under their own names. */
import type { Algorithm } from '../../jwt/algorithms.js'
import type { Claims } from '../../jwt/jws.js'
import type { ConfiguredKeys } from '../../keys/static.js'
import type { Account, User } from '../../stores/port.js'
import type { RequestHead } from '../../transport/head.js'

type Members = Readonly<Record<string, unknown>>

/** One key, several, or several by their `kid`: the first signs, all of them verify. */
export type DrfJwtKeys = string | readonly string[] | Readonly<Record<string, string>>

/**
 * `JWT_AUTH` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`. In lower case: what the original has in
 * other places. `null` is as good as absent.
 */
export interface DrfJwtSettings<U extends User = Account> {
  /** Whose words: `1.17` (drf-jwt, the default) or `2017` (djangorestframework-jwt 1.11). */
  readonly variant?: '2017' | '1.17'
  /** What tokens are signed with for HS, in Django `settings.SECRET_KEY`. */
  readonly JWT_SECRET_KEY?: DrfJwtKeys | null
  /** The private PEM for the other algorithms, or several by their `kid`. */
  readonly JWT_PRIVATE_KEY?: string | Readonly<Record<string, string>> | null
  /** Public PEMs that verify besides the public half of the one that signs. */
  readonly JWT_PUBLIC_KEY?: DrfJwtKeys | null
  /** The first signs, all of them verify. Default HS256. */
  readonly JWT_ALGORITHM?: Algorithm | readonly Algorithm[]
  /** Refuses tokens that name no key, or none that is known. Default false. */
  readonly JWT_INSIST_ON_KID?: boolean
  /**
   * The secret that signs and verifies the tokens of a user, in the place of `JWT_SECRET_KEY`: another one ends them all. For HS; as long
   * as any secret has to be.
   */
  readonly JWT_GET_USER_SECRET_KEY?: ((user: U) => string | undefined | Promise<string | undefined>) | null
  /** Whether tokens have a `jti`: `off`, `include` (the default), or `require`, where one without is refused. */
  readonly JWT_TOKEN_ID?: 'off' | 'include' | 'require'
  /** Put into tokens and demanded of them; without it a token that has an `aud` is refused. */
  readonly JWT_AUDIENCE?: string | null
  readonly JWT_ISSUER?: string | null
  /** Default 0. */
  readonly JWT_LEEWAY?: string | number
  /** Default 300 seconds. */
  readonly JWT_EXPIRATION_DELTA?: string | number
  /** Default false for `2017`, true for `1.17`. */
  readonly JWT_ALLOW_REFRESH?: boolean
  /** How long after its login a token may be refreshed. Default 7 days. */
  readonly JWT_REFRESH_EXPIRATION_DELTA?: string | number
  /** Compared in any case. Default `JWT` for `2017`, `Bearer` for `1.17`. */
  readonly JWT_AUTH_HEADER_PREFIX?: string
  /** The name of a cookie that carries the token, too. Default none. */
  readonly JWT_AUTH_COOKIE?: string | null
  readonly JWT_AUTH_COOKIE_DOMAIN?: string | null
  /** Default `/`. */
  readonly JWT_AUTH_COOKIE_PATH?: string
  /** Default `Lax`. */
  readonly JWT_AUTH_COOKIE_SAMESITE?: 'Lax' | 'Strict' | 'None'
  /** Only true, the default: `http://localhost` goes without by itself. */
  readonly JWT_AUTH_COOKIE_SECURE?: true
  /** The name of a cookie with the token of whoever is impersonated; it wins over `JWT_AUTH_COOKIE`. Default none. */
  readonly JWT_IMPERSONATION_COOKIE?: string | null
  /** What is over is deleted in any case. */
  readonly JWT_DELETE_STALE_BLACKLISTED_TOKENS?: boolean
  /** Only true, the default: what nobody verified says nothing. */
  readonly JWT_VERIFY?: true
  /** Only true, the default. */
  readonly JWT_VERIFY_EXPIRATION?: true
  /** Only true, the default: a user name may change hands, an id does not. */
  readonly JWT_PAYLOAD_INCLUDE_USER_ID?: true
  /** Claims to be added to the tokens of a user; those that the original always has stay as they are. */
  readonly JWT_PAYLOAD_HANDLER?: (user: U) => Members | Promise<Members>
  /** The user name that a payload tells. Default `username`. */
  readonly JWT_PAYLOAD_GET_USERNAME_HANDLER?: (payload: Claims) => unknown
  /** The user id that a payload tells. Default `user_id`. */
  readonly JWT_PAYLOAD_GET_USER_ID_HANDLER?: (payload: Claims) => unknown
  /** The answer with a token, at obtain, refresh and verify. `issuedAt` in seconds. */
  readonly JWT_RESPONSE_PAYLOAD_HANDLER?: (
    token: string,
    user: U,
    request: RequestHead,
    issuedAt: number,
  ) => Members | Promise<Members>
  /** Where the endpoints stand; `null`: not there. Default as in each system's own pages, and for `1.17` impersonation is not there. */
  readonly paths?: {
    readonly obtain?: string
    readonly refresh?: string | null
    readonly verify?: string | null
    readonly logout?: string | null
    readonly impersonate?: string | null
  }
}

/** The same, for code. */
export interface ReadSettings {
  readonly old: boolean
  readonly algorithm: Algorithm
  readonly key: string
  readonly keys: ConfiguredKeys
  /** Whether tokens name the key that signed them. */
  readonly namesKey: boolean
  readonly userSecret: ((user: User) => string | undefined | Promise<string | undefined>) | undefined
  readonly tokenId: 'off' | 'include' | 'require'
  readonly usernameOf: (payload: Claims) => unknown
  readonly userIdOf: (payload: Claims) => unknown
  readonly payload: ((user: User) => Members | Promise<Members>) | undefined
  readonly response:
    | ((token: string, user: User, request: RequestHead, issuedAt: number) => Members | Promise<Members>)
    | undefined
  readonly audience: string | undefined
  readonly issuer: string | undefined
  readonly leewaySeconds: number
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly refreshes: boolean
  readonly scheme: string
  readonly cookie: ReadCookie | undefined
  readonly paths: Readonly<Record<PathName, string | null>>
}

export interface ReadCookie {
  /** `undefined`: only whoever is impersonated has one. */
  readonly name: string | undefined
  readonly impersonation: string | undefined
  readonly domain: string | undefined
  readonly path: string
  readonly sameSite: 'Lax' | 'Strict' | 'None'
}

type PathName = 'obtain' | 'refresh' | 'verify' | 'logout' | 'impersonate'
