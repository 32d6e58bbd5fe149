/** A key for each user: the ring of systems that sign the tokens of a user with a secret of that user's own. */
import type { Algorithm } from '../jwt/algorithms.js'
import { type Claims, type Jws, unprovenClaims } from '../jwt/jws.js'
import { importKey, type Key } from '../jwt/key.js'
import type { Keyring } from './keyring.js'

export interface UserKeysParts {
  readonly ring: Keyring
  readonly algorithm: Algorithm
  /** The secret of the user whom claims name; `undefined`: the ring's own key. Nobody has verified these claims. */
  secretOf(claims: Claims): Promise<string | undefined>
}

/**
 * Puts the keys of users before those of a ring. A token chooses whose key is tried, and nothing else: one that names somebody else is
 * signed with the wrong key. A secret that is too weak for its algorithm throws `options_invalid`.
 */
export function userKeyring({ ring, algorithm, secretOf }: UserKeysParts): Keyring {
  return { ...ring, find, signer: (claims) => (claims ? keyOf(claims) : ring.signer()) }

  function find(kid: string | undefined, alg: string, jws?: Jws): ReturnType<Keyring['find']> {
    if (!jws || alg !== algorithm) return ring.find(kid, alg, jws)
    return ownKey(unprovenClaims(jws)).then((key) => key ?? ring.find(kid, alg, jws))
  }

  async function keyOf(claims: Claims): Promise<Key> {
    return (await ownKey(claims)) ?? ring.signer()
  }

  async function ownKey(claims: Claims): Promise<Key | undefined> {
    const secret = await secretOf(claims)
    return secret === undefined ? undefined : importKey({ secret }, algorithm)
  }
}
