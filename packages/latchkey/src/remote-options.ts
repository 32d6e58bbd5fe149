/** The options of remoteAuth, and the settings that become of them. */
import type { Logger } from './auth-options.js'
import type { IssuerKeys, IssuerOptions } from './issuer-options.js'
import { type IssuerSettings, readIssuers } from './issuer-settings.js'
import { type RevocationOptions, type RevocationSettings, readRevocation } from './revocation/options.js'
import type { RemoteToken } from './revocation/remote-log.js'
import { type TrustProxy, trustProxy } from './transport/peer.js'
import { flag, invalid, within } from './util/checks.js'
import { OWN_ROW } from './util/own-row.js'
import { type Clock, seconds, systemClock } from './util/time.js'

/** Options of `remoteAuth`; those of an issuer mean what they mean there. */
export interface RemoteAuthOptions
  extends Pick<
    IssuerOptions,
    'algorithms' | 'typ' | 'leeway' | 'maxLifetime' | 'schema' | 'subject' | 'scope' | 'permissions' | 'admit'
  > {
  /** Whom the tokens must be for: this service. */
  readonly audience: string | readonly string[]
  /** What tokens are verified with. Default: the keys that the metadata of the issuer names. */
  readonly keys?: IssuerKeys | VerifyEndpoint
  /** Where to hear of what was revoked before its time. Left out: a token is good until it expires. */
  readonly revocations?: RemoteRevocationOptions
  /** Proxies whose `X-Forwarded-For` is believed: how many, or which addresses and ranges. Default none. */
  readonly trustProxy?: number | readonly string[]
  /** How many verified tokens are remembered; 0 for none. Default 10,000. */
  readonly tokenCache?: number
  /** Tells callers the operator's hint, and allows an `http` issuer. Default: whether NODE_ENV is `development` or `test`. */
  readonly development?: boolean
  readonly clock?: Clock
  readonly logger?: Logger
}

/** No keys at all: the issuer is asked about each token. */
export interface VerifyEndpoint {
  /** `true`: `POST /auth/verify` at the issuer; or the URL of its verify endpoint. */
  readonly verify: true | string
  /** How long an answer counts: as late is what was revoked refused. Default 3 seconds, at most 60; 0: every request asks. */
  readonly remember?: string | number
  /** Addresses of a private network are asked too; default in development only. */
  readonly allowPrivate?: boolean
}

/** How revocations reach a service that takes the tokens of a Latchkey server; `bound`, `poll` and `whenStale` as in `createAuth`. */
export interface RemoteRevocationOptions extends RevocationOptions {
  /** An API token of somebody with the permission `revocations:read` there, or a function that answers it, where it changes. */
  readonly token: RemoteToken
  /** Default: `/auth/revocations` at the issuer. The stream of news is at `/stream` below it. */
  readonly url?: string
  /** Addresses of a private network are asked too; default in development only. */
  readonly allowPrivate?: boolean
}

/** An endpoint of the issuer that is asked again and again. */
interface Endpoint {
  readonly url: string
  readonly allowPrivate: boolean
}

export interface ProofSettings extends Endpoint {
  readonly rememberSeconds: number
}

export interface RemoteRevocationSettings extends Endpoint, RevocationSettings {
  readonly token: RemoteToken
}

export interface RemoteSettings {
  readonly issuers: IssuerSettings
  readonly proof: ProofSettings | undefined
  readonly revocations: RemoteRevocationSettings | undefined
  readonly trusted: TrustProxy
  readonly tokenCache: number
  readonly development: boolean
  readonly clock: Clock
  readonly logger: Logger | undefined
}

/** Throws `options_invalid`. */
export function readRemoteOptions(issuer: string, given: RemoteAuthOptions): RemoteSettings {
  const { trustProxy: proxies, tokenCache, development: told, clock, logger, keys, revocations, ...row } = given
  if (row.audience === undefined) throw invalid('audience', 'must say whom the tokens are for')
  const development = told ?? ['development', 'test'].includes(process.env.NODE_ENV ?? '')
  const asked = keys && 'verify' in keys ? keys : undefined
  if (asked && row.algorithms) throw invalid('algorithms', 'is for keys, and here the issuer is asked')
  const known = asked ? {} : { ...(keys && { keys: keys as IssuerKeys }) }
  const own = { issuer: undefined, development, users: 'none' as const }
  const issuers = readIssuers([{ ...row, ...known, issuer, users: 'none' }], own)
  return Object.freeze({
    // What is revoked there is revoked under the issuer's own row.
    issuers: { ...issuers, rows: issuers.rows.map((one) => ({ ...one, id: OWN_ROW })) },
    proof: asked && readProof(issuer, asked, development),
    revocations: revocations && readRevocations(issuer, revocations, development),
    trusted: trustProxy(proxies ?? 0),
    tokenCache: within('tokenCache', tokenCache ?? 10_000, 0, 1_000_000),
    development,
    clock: clock ?? systemClock,
    logger,
  })
}

function readProof(issuer: string, given: VerifyEndpoint, development: boolean): ProofSettings {
  const { verify, remember = 3, allowPrivate, ...unknown } = given
  for (const name of Object.keys(unknown)) throw invalid(`keys.${name}`, 'is not an option')
  return {
    url: endpoint(verify === true ? undefined : verify, 'keys.verify', { issuer, path: '/auth/verify', development }),
    allowPrivate: allowPrivate === undefined ? development : flag('keys.allowPrivate', allowPrivate),
    rememberSeconds: within('keys.remember', seconds(remember, 'keys.remember'), 0, 60),
  }
}

function readRevocations(
  issuer: string,
  given: RemoteRevocationOptions,
  development: boolean,
): RemoteRevocationSettings {
  if (typeof given !== 'object' || given === null) throw invalid('revocations', 'must be an object')
  const { token, url, allowPrivate, ...timing } = given
  if (typeof token !== 'function' && (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)))
    throw invalid('revocations.token', 'must be an API token, or a function that answers one')
  return {
    ...readRevocation(timing, 'revocations'),
    token,
    url: endpoint(url, 'revocations.url', { issuer, path: '/auth/revocations', development }),
    allowPrivate: allowPrivate === undefined ? development : flag('revocations.allowPrivate', allowPrivate),
  }
}

/** What goes there is a secret, or decides who is let in: never by http in production. */
function endpoint(
  given: unknown,
  name: string,
  { issuer, path, development }: { readonly issuer: string; readonly path: string; readonly development: boolean },
): string {
  const url = given ?? (URL.canParse(issuer) ? new URL(path, issuer).href : undefined)
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || `${parsed.username}${parsed.password}${parsed.hash}` !== '') throw invalid(name, 'must be a URL')
  if (parsed.protocol !== 'https:' && !(development && parsed.protocol === 'http:'))
    throw invalid(name, 'must be https in production; NODE_ENV=development allows http')
  return parsed.href
}
