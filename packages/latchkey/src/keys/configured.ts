/** The keys of an issuer as they are written into the configuration: PEM texts, a JWK, a set of them, a file with a set, or a shared secret. */
import { AuthError } from '../errors.js'
import { type Algorithm, algorithm } from '../jwt/algorithms.js'
import { importJwkSet } from '../jwt/jwks.js'
import { importKey, type Key, type KeyInput } from '../jwt/key.js'
import { unfit } from '../jwt/unfit.js'
import { type Clock, systemClock } from '../util/time.js'
import { isCertificate, readCertificate } from './configured/certificate.js'
import { createFileKeys } from './configured/file.js'
import { createKeySet, type KeySet } from './remote/key-set.js'
import type { ExternalKeys } from './remote.js'

/**
 * How keys are written down. `pem`: public keys or X.509 certificates, one block in each text. They have no names: several of one
 * algorithm are told apart only where tokens name them by thumbprint, and where they do not, a set (`jwks`) has the names.
 */
export type ConfiguredInput =
  | { readonly pem: string | readonly string[] }
  | { readonly jwk: object }
  | { readonly jwks: object }
  | { readonly jwksFile: string }
  | { readonly secret: string | Uint8Array }

export interface ConfiguredOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** Learns of a file that changed and cannot be used; the keys that were in it before stay. */
  readonly failed?: (error: AuthError) => void
}

/** A key that a certificate vouches for until its end. */
interface DatedKey {
  readonly key: Key
  readonly until: number
}

/** Throws `options_invalid` for private, weak and unreadable keys, and where it is open which of the algorithms a key is for. */
export function configuredKeys(
  input: ConfiguredInput,
  algorithms: readonly Algorithm[],
  options: ConfiguredOptions = {},
): ExternalKeys {
  const { clock = systemClock, monotonic = () => performance.now() / 1000, failed = () => {} } = options
  const pinned = [...new Set(algorithms)]
  if ('jwksFile' in input) {
    return createFileKeys({ path: input.jwksFile, read: (value) => setOf(value, pinned), clock, monotonic, failed })
  }
  if ('jwks' in input) return fixed(setOf(input.jwks, pinned))
  if ('jwk' in input) return fixed(setOf({ keys: [input.jwk] }, pinned))
  if ('secret' in input) return fixed(createKeySet([bound({ secret: input.secret }, pinned)], { anyName: true }))
  return fromPems(typeof input.pem === 'string' ? [input.pem] : input.pem, pinned, clock)
}

function fixed(set: KeySet): ExternalKeys {
  return {
    generation: 1,
    usableUntil: Number.POSITIVE_INFINITY,
    find: set.find,
    thumbprints: () => set.thumbprints,
    known: () => set.known,
  }
}

/** A key is gone when its certificate is: whoever made the certificate said so. */
function ending(set: KeySet, dated: readonly DatedKey[], clock: Clock): ExternalKeys {
  const untilOf = new Map(dated.map(({ key, until }) => [key, until]))
  return {
    get generation() {
      return 1 + dated.filter(({ until }) => until <= clock()).length
    },
    get usableUntil() {
      return Math.min(...dated.map(({ until }) => (until > clock() ? until : Number.POSITIVE_INFINITY)))
    },
    find(kid, alg) {
      const key = set.find(kid, alg)
      return key !== undefined && clock() < (untilOf.get(key) ?? 0) ? key : undefined
    },
    thumbprints: () => set.thumbprints,
    known: () => set.known.filter((_, at) => clock() < (untilOf.get(set.keys[at] as Key) ?? 0)),
  }
}

function fromPems(pems: readonly string[], algorithms: readonly Algorithm[], clock: Clock): ExternalKeys {
  const dated = pems.map((pem) => fromPem(pem, algorithms, clock()))
  if (dated.length === 0) throw unfit('there is no PEM text')
  const keys = dated.map(({ key }) => key)
  const set = createKeySet(keys, { anyName: true })
  return dated.some(({ until }) => until < Number.POSITIVE_INFINITY) ? ending(set, dated, clock) : fixed(set)
}

function fromPem(pem: string, algorithms: readonly Algorithm[], now: number): DatedKey {
  if (!isCertificate(pem)) return { key: bound({ pem }, algorithms), until: Number.POSITIVE_INFINITY }
  const { publicKey, until } = readCertificate(pem, now)
  return { key: bound({ pem: publicKey }, algorithms), until }
}

/** The key under the one algorithm that fits it. A guess would let the token choose. */
function bound(input: KeyInput, algorithms: readonly Algorithm[]): Key {
  const hints: string[] = []
  const keys = algorithms.flatMap((alg) => {
    try {
      return [importKey(input, alg, { sign: false })]
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      hints.push(`${alg}: ${error.hint}`)
      return []
    }
  })
  const [key] = keys
  if (key === undefined) throw unfit(hints.join('; ') || 'no algorithm is named')
  if (keys.length > 1) throw unfit(`several algorithms fit the key: ${keys.map(({ alg }) => alg).join(', ')}`)
  return key
}

function setOf(value: unknown, algorithms: readonly Algorithm[]): KeySet {
  const secrets = algorithms.some((name) => algorithm(name)?.kty === 'oct')
  const { keys, refused } = importJwkSet(value, { algorithms, secrets })
  if (keys.some(({ material }) => material.type === 'private')) throw unfit('a private key where a public one belongs')
  if (keys.length > 0) return createKeySet(keys, { anyName: true })
  const why = refused.map(({ index, hint }) => `key ${index}: ${hint}`)
  throw unfit(['there is no key that can be used', ...why].join('; '))
}
