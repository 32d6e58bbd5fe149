/** The keyring of one configured key: an HS secret or a private key. It never changes while the process runs. */
import { AuthError } from '../errors.js'
import { type Key, publicJwk } from '../jwt/key.js'
import type { Keyring } from './keyring.js'

/** Throws `options_invalid` for a key that cannot sign. */
export function staticKeyring(key: Key): Keyring {
  if (key.material.type === 'public') throw new AuthError('options_invalid', { hint: 'key: a public key cannot sign' })
  return {
    generation: 1,
    usableUntil: Number.POSITIVE_INFINITY,
    find: (kid, alg) => (alg === key.alg && names(kid) ? key : undefined),
    signer: () => key,
    jwks: async () => ({ keys: [publicJwk(key)].filter((jwk) => jwk !== undefined) }),
    rotate: async () => {
      throw new AuthError('options_invalid', { hint: 'key: it is configured, so it is replaced in the configuration' })
    },
    revoke: async () => {
      throw new AuthError('options_invalid', { hint: 'key: it is configured, so it is replaced in the configuration' })
    },
    list: async () => [{ kid: key.kid, alg: key.alg, state: 'active' }],
    open: async () => {},
    noticed: () => {},
  }

  /** There is one key only, so a token may leave its name out; but it may not name another. */
  function names(kid: string | undefined): boolean {
    return kid === undefined || key.kid === undefined || kid === key.kid
  }
}
