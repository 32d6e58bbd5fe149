/** The guard's verification with so many revocations loaded, none of which concerns the tokens. */
import { randomBytes } from 'node:crypto'
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
// No door leads there: what an application has is a database.
import { memoryStores } from '../../packages/latchkey/dist/esm/stores/memory.js'
import { freshly, issuer, makeClaims } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'
const clock = () => Math.floor(Date.now() / 1000)

/** `hot`: every one of the `live` tokens was verified before; otherwise none is remembered, and each one is looked up. */
export async function guard({ known, alg, hot, live }) {
  let service
  const taker = ({ tokens }) => {
    service = tokens
    return { authenticate: () => undefined }
  }
  const key = alg.startsWith('HS') ? { key: randomBytes(48).toString('base64url') } : {}
  const revocation = { bound: '5m', poll: '299s' }
  const options = { issuer, revocation, secret, algorithm: alg, authenticators: [taker], ...key }
  const auth = createAuth({ ...options, database: revokedStores(known), tokenCache: hot ? 10_000 : 0 })
  await auth.ready()
  const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
  const tokens = Array.from({ length: live }, () => sign(makeClaims()))
  for (const token of tokens) await service.verify(token)
  return { operation: service.verify, inputs: freshly(tokens, () => Math.floor(Math.random() * live)) }
}

/**
 * Stores whose log tells of so many ended sessions and tokens, half and half, and keeps none of them: a database is elsewhere. A
 * million rows in this process would be a million objects more for each collection of garbage, which runs beside what is measured.
 */
function revokedStores(known) {
  const stores = memoryStores({ clock })
  const until = clock() + 2_592_000
  const epoch = (stamp) => {
    const scope = stamp % 2 ? 'session' : 'jti'
    return { scope, row: 'self', key: randomBytes(16).toString('base64url'), stamp, until }
  }
  const since = async (after, limit) => {
    const read = await stores.revocations.since(after, limit)
    const epochs = Array.from({ length: Math.max(0, Math.min(limit, known - after)) }, (_, n) => epoch(after + n + 1))
    return { ...read, epochs, head: known }
  }
  return { ...stores, revocations: { ...stores.revocations, since } }
}
