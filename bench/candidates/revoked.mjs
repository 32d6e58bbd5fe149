/** The guard's verification with so many revocations loaded, none of which concerns the tokens. */
import { randomBytes } from 'node:crypto'
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
import { freshly, issuer, makeClaims } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'
const LIVE = 256

/** `hot`: every token was verified before; otherwise none is remembered, and each one is looked up. */
export async function guard({ known, alg, hot }) {
  let service
  const taker = ({ tokens }) => {
    service = tokens
    return { authenticate: () => undefined }
  }
  const key = alg.startsWith('HS') ? { key: randomBytes(48).toString('base64url') } : {}
  // The log in memory is searched from end to end by each read; nobody else writes to it here.
  const revocation = { bound: '5m', poll: '299s' }
  const options = { issuer, revocation, database: 'memory', secret, algorithm: alg, authenticators: [taker], ...key }
  const auth = createAuth({ ...options, tokenCache: hot ? 10_000 : 0 })
  for (let done = 0; done < known; done++) await auth.revoke({ jti: randomBytes(16).toString('base64url') })
  await auth.ready()
  const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
  const tokens = Array.from({ length: LIVE }, () => sign(makeClaims()))
  for (const token of tokens) await service.verify(token)
  return { operation: service.verify, inputs: freshly(tokens, () => Math.floor(Math.random() * LIVE)) }
}
