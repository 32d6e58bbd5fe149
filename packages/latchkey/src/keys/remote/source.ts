/** One look at somebody else's keys: the description of the issuer where there is one to read, then the set it points to. */
import { AuthError } from '../../errors.js'
import type { Algorithm } from '../../jwt/algorithms.js'
import { importJwkSet, type JwkSet } from '../../jwt/jwks.js'
import { descriptionUrls, keysUrl } from '../discovery.js'
import type { Fetched, FetchJson } from '../fetch.js'
import { fetchable, type UrlRules } from '../request.js'
import { createKeySet, type KeySet } from './key-set.js'

/** Where an issuer publishes its keys: under a URL, or wherever its description says (`true`: under its own name). */
export type RemoteSource = { readonly jwksUrl: string } | { readonly discovery: true | string }

/** What a look brought. */
export interface Look {
  readonly set: KeySet
  readonly refused: JwkSet['refused']
  readonly url: string
  readonly maxAge: number | undefined
}

export interface KeyLooks {
  /** Rejects with an `Error` for operators: no answer, no usable key, or a set that must not be used at all. */
  look(signal: AbortSignal): Promise<Look>
  /** The next look reads the description again. */
  forget(): void
  /** Where the keys were found last, if that is known. */
  readonly url: string | undefined
}

export interface KeyLooksParts {
  readonly issuer: string | undefined
  readonly source: RemoteSource
  readonly algorithms: readonly Algorithm[]
  readonly fetchJson: FetchJson
  readonly monotonic: () => number
}

/** A description changes when an issuer moves; an hour is soon enough, and after any failure it is read again anyway. */
const DESCRIPTION_SECONDS = 3_600

export function createKeyLooks({ issuer, source, algorithms, fetchJson, monotonic }: KeyLooksParts): KeyLooks {
  let described: { readonly url: string; readonly until: number } | undefined
  return {
    look,
    forget: () => {
      described = undefined
    },
    get url() {
      return 'jwksUrl' in source ? source.jwksUrl : described?.url
    },
  }

  async function look(signal: AbortSignal): Promise<Look> {
    try {
      const url = 'jwksUrl' in source ? source.jwksUrl : await discover(source.discovery, signal)
      const { value, maxAge } = await fetchJson(url, signal)
      return { ...readSet(value, algorithms), url, maxAge }
    } catch (error) {
      // Perhaps the keys have moved, and the description tells where.
      described = undefined
      throw error
    }
  }

  async function discover(where: true | string, signal: AbortSignal): Promise<string> {
    if (described !== undefined && monotonic() < described.until) return described.url
    const { value, maxAge = DESCRIPTION_SECONDS } = await fetchDescription(where, signal)
    const url = keysUrl(value, issuer ?? '')
    described = { url, until: monotonic() + Math.min(maxAge, DESCRIPTION_SECONDS) }
    return url
  }

  async function fetchDescription(where: true | string, signal: AbortSignal): Promise<Fetched> {
    if (where !== true) return fetchJson(where, signal)
    const [openid = '', oauth = ''] = descriptionUrls(issuer ?? '')
    try {
      return await fetchJson(openid, signal)
    } catch (error) {
      // Only "not here" is a reason to look elsewhere.
      if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error
      return fetchJson(oauth, signal)
    }
  }
}

/** A set without a usable key is an error, so that the one before it stays in use. */
export function readSet(value: unknown, algorithms: readonly Algorithm[]): Pick<Look, 'set' | 'refused'> {
  const { keys, refused } = importJwkSet(value, { algorithms })
  if (keys.length > 0) return { set: createKeySet(keys), refused }
  const why = refused.slice(0, 3).map(({ index, hint }) => `key ${index}: ${hint}`)
  throw new Error(['the set has no key that can be used', ...why].join('; '))
}

/** Throws `options_invalid` for a source that would never be fetched. */
export function checkSource(
  { row, issuer, source }: { readonly row: string; readonly issuer: string | undefined; readonly source: RemoteSource },
  rules: UrlRules,
): void {
  try {
    if ('jwksUrl' in source) fetchable(source.jwksUrl, rules)
    else if (issuer === undefined) throw new Error('discovery needs the name of the issuer')
    else
      for (const url of source.discovery === true ? descriptionUrls(issuer) : [source.discovery]) fetchable(url, rules)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new AuthError('options_invalid', { hint: `issuer ${row}: ${why}` })
  }
}
