/** A set of keys by name and algorithm: what the header of a token means in it, without ever trying one key after another. */
import type { Algorithm } from '../../jwt/algorithms.js'
import { type Key, thumbprint } from '../../jwt/key.js'

/** What may be told of a key. */
export interface KnownKey {
  readonly kid: string | undefined
  readonly alg: Algorithm
  /** RFC 7638. */
  readonly thumbprint: string
}

export interface KeySet {
  readonly keys: readonly Key[]
  readonly thumbprints: readonly string[]
  readonly known: readonly KnownKey[]
  /** The same text for the same set, in whatever order it came. */
  readonly identity: string
  /** The key of that name and algorithm. Without a name: the only one of that algorithm, if there is only one. */
  find(kid: string | undefined, alg: string): Key | undefined
}

export interface KeySetOptions {
  /** A single key of an algorithm that has no name itself takes a token of any name: there was no name to agree upon. */
  readonly anyName?: boolean
}

/** Makes a set. A key without a name is also found by its thumbprint (RFC 7638). */
export function createKeySet(keys: readonly Key[], { anyName = false }: KeySetOptions = {}): KeySet {
  const thumbprints = keys.map(thumbprint)
  const known = keys.map(({ kid, alg }, at) => ({ kid, alg, thumbprint: thumbprints[at] as string }))
  const byName = new Map(keys.map((key, at) => [key.kid ?? thumbprints[at], key]))
  const single = new Map<string, Key | undefined>()
  for (const key of keys) single.set(key.alg, single.has(key.alg) ? undefined : key)
  const identity = JSON.stringify(keys.map(({ kid, alg }, at) => [kid ?? null, alg, thumbprints[at]]).sort())
  return { keys, thumbprints, known, identity, find }

  function find(kid: string | undefined, alg: string): Key | undefined {
    const only = single.get(alg)
    if (kid === undefined) return only
    const named = byName.get(kid)
    if (named !== undefined) return named.alg === alg ? named : undefined
    return anyName && only?.kid === undefined ? only : undefined
  }
}
