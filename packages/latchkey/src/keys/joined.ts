/** Our own key beside those that another service publishes, as one ring: for systems that verified by a URL and signed by a key. */
import type { Key } from '../jwt/key.js'
import type { Keyring } from './keyring.js'
import type { RemoteKeys } from './remote.js'

/** A token names a key that was published, or has none of our name: junk costs what it costs the published keys, which ask seldom. */
export function joinedKeyring(ring: Keyring, published: RemoteKeys): Keyring {
  return {
    ...ring,
    get generation() {
      return ring.generation + published.generation
    },
    get usableUntil() {
      return Math.min(ring.usableUntil, published.usableUntil)
    },
    find(kid, alg, jws) {
      const own = ring.find(kid, alg, jws)
      return own instanceof Promise ? own.then((key) => named(key, kid, alg)) : named(own, kid, alg)
    },
  }

  function named(own: Key | undefined, kid: string | undefined, alg: string): ReturnType<Keyring['find']> {
    if (own && (kid === undefined || own.kid === kid)) return own
    const found = published.find(kid, alg)
    return found instanceof Promise ? found.then((key) => key ?? own) : (found ?? own)
  }
}
