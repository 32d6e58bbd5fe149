/** Tokens that were verified before: Latchkey's token service against fast-jwt's cache, in random order over so many live tokens. */
import { createVerifier, createSigner as fastSigner } from 'fast-jwt'
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
import { freshly, issuer, makeClaims, makeKeys } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'

/**
 * The service that guards use: `exp` by two clocks, the generation of the keys and the revocations are looked at for each hit.
 * With `open` it is the same service as applications get it, which waits until the store is open.
 */
export async function latchkey({ live, open }) {
  let service
  const taker = ({ tokens }) => {
    service = tokens
    return { authenticate: () => undefined }
  }
  const options = { issuer, database: 'memory', secret, algorithm: 'ES256', authenticators: [taker] }
  // The young half has to hold all that live.
  const auth = createAuth({ ...options, tokenCache: Math.max(10_000, live * 2 + 2) })
  await auth.ready()
  // A revocation of somebody else, so that there is something to look at.
  await auth.users
    .create({ username: 'bob', password: 'a long enough password' })
    .then(({ id }) => auth.revoke({ user: id }))
  const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
  const { verify } = open ? auth.tokens : service
  return hot(live, sign, verify)
}

export async function fastJwt({ live }) {
  const { privateKey, publicKey } = makeKeys('ES256')
  const verify = createVerifier({ key: publicKey, algorithms: ['ES256'], cache: Math.max(1000, live * 2) })
  return hot(live, fastSigner({ key: privateKey, algorithm: 'ES256' }), verify)
}

async function hot(live, sign, verify) {
  const tokens = Array.from({ length: live }, () => sign(makeClaims()))
  for (const token of tokens) await verify(token)
  return { operation: verify, inputs: freshly(tokens, () => Math.floor(Math.random() * live)) }
}
