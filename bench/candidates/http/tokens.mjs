/** The tokens that the requests of a benchmark carry, and the auth that issued them. */
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
import { issuer, makeClaims, makeKeys, makeToken } from '../../lib/tokens.mjs'

const different = 64

/** For the bare framework and for peers: they get the same header to read. */
export function peerTokens(alg, header = {}) {
  const keys = makeKeys(alg)
  return { keys, tokens: Array.from({ length: different }, () => makeToken(alg, keys, undefined, header)) }
}

/** An auth over the memory store: guards never look at a store. */
export async function latchkeyTokens(algorithm, more = {}) {
  const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'
  const auth = createAuth({ issuer, database: 'memory', secret, algorithm })
  await auth.ready()
  const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
  return { auth, tokens: Array.from({ length: different }, () => sign({ ...makeClaims(), ...more })) }
}
