/** A JSON Web Key Set of somebody else, RFC 7517 section 5: good keys are used, bad ones named, dangerous sets refused. */
import { AuthError } from '../errors.js'
import { type Algorithm, algorithm } from './algorithms.js'
import { isPrivateJwk, type Jwk, readJwk } from './jwk.js'
import { importKey, type Key, thumbprint } from './key.js'
import { unfit } from './unfit.js'

export interface JwkSetOptions {
  /** What the issuer may use. A key without `alg` gets the one of these that fits its type and curve; where several fit, none. */
  readonly algorithms: readonly Algorithm[]
  /** A set of secrets, from our own configuration; never for a set that was fetched. */
  readonly secrets?: boolean
}

export interface JwkSet {
  readonly keys: readonly Key[]
  /** Why keys were left out, for operators: the position in the set and the reason. */
  readonly refused: readonly { readonly index: number; readonly hint: string }[]
}

const maxKeys = 64

/** Throws `options_invalid` (reason `key_policy`) for a set that mixes secrets with key pairs or contains private keys. */
export function importJwkSet(set: unknown, options: JwkSetOptions): JwkSet {
  const jwks = readSet(set)
  const types = new Set(jwks.map((jwk) => jwk?.kty === 'oct'))
  if (jwks.some((jwk) => jwk?.kty === 'oct') && (options.secrets !== true || types.size > 1)) {
    throw unfit('a key set must not contain secrets beside, or instead of, public keys')
  }
  if (options.secrets !== true && jwks.some((jwk) => jwk !== undefined && isPrivateJwk(jwk))) {
    throw unfit('the key set contains a private key: whoever published it must replace it')
  }
  const results = oneAlgorithmEach(jwks.map((jwk) => importMember(jwk, jwks, options)))
  const keys = results.filter((result) => typeof result !== 'string')
  const refused = results.flatMap((hint, index) => (typeof hint === 'string' ? [{ index, hint }] : []))
  return Object.freeze({ keys: Object.freeze(keys), refused: Object.freeze(refused) })
}

function readSet(set: unknown): readonly (Jwk | undefined)[] {
  const keys = typeof set === 'object' && set !== null ? (set as { keys?: unknown }).keys : undefined
  if (!Array.isArray(keys)) throw unfit('a key set is an object with an array of keys')
  if (keys.length > maxKeys) throw unfit(`a key set has at most ${maxKeys} keys`)
  return keys.map((entry) => {
    try {
      return readJwk(entry)
    } catch {
      return undefined
    }
  })
}

function importMember(jwk: Jwk | undefined, all: readonly (Jwk | undefined)[], options: JwkSetOptions): Key | string {
  if (jwk === undefined) return 'not a JWK'
  if (jwk.kid !== undefined && all.filter((other) => other?.kid === jwk.kid).length > 1)
    return 'another key has the same kid'
  const fitting = options.algorithms.filter((name) => (jwk.alg === undefined ? fits(jwk, name) : jwk.alg === name))
  const [alg] = fitting
  if (alg === undefined) return 'no algorithm of this issuer fits'
  // A guess would let the token choose (CVE-2026-22817): one key has one algorithm.
  if (new Set(fitting).size > 1) return 'it names no alg, and several algorithms of this issuer fit'
  try {
    return importKey({ jwk }, alg)
  } catch (error) {
    if (error instanceof AuthError) return error.hint ?? error.message
    throw error
  }
}

/** Under two names a key could have two algorithms, and whoever signs a token would choose between them (RFC 8725 section 3.1). */
function oneAlgorithmEach(results: readonly (Key | string)[]): readonly (Key | string)[] {
  const algorithms = new Map<string, Set<Algorithm>>()
  for (const key of results) {
    if (typeof key === 'string') continue
    const used = algorithms.get(thumbprint(key)) ?? new Set()
    algorithms.set(thumbprint(key), used.add(key.alg))
  }
  return results.map((key) => {
    const used = typeof key === 'string' ? undefined : algorithms.get(thumbprint(key))
    return used !== undefined && used.size > 1 ? 'the same key is there with another alg' : key
  })
}

function fits(jwk: Jwk, name: Algorithm): boolean {
  const row = algorithm(name)
  return row !== undefined && row.kty === jwk.kty && (!('crv' in row) || row.crv === jwk.crv)
}
