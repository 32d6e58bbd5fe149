/** The tokens that the requests of a benchmark carry, and the auth that issued them. */
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
import { issuer, makeClaims, makeKeys, makeToken } from '../../lib/tokens.mjs'

const different = 64

/** For peers: as long as ours, but for what only we say. */
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

/** For the bare framework, which reads the same header as with us, and leaves it at that. */
export async function bareTokens(more) {
  const { auth, tokens } = await latchkeyTokens('ES256', more)
  await auth.close()
  return { tokens }
}
