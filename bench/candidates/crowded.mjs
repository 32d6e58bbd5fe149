/** The guard's verification with so many sessions in the store, and with so many keys of its own that still verify. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuth } from 'latchkey'
import { createSigner } from 'latchkey/jwt'
// No door leads there: nobody logs in a million times for this.
import { sqliteModule } from '../../packages/latchkey/dist/esm/stores/sql/sqlite-module.js'
import { freshly, issuer, makeClaims } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'
const LIVE = 1_000
const DAY = 86_400

/** Tokens of so many sessions, all of them in a SQLite file. */
export async function sessions({ count, alg, hot }) {
  const path = ownFile()
  const { auth, service } = authFor({ alg, hot, database: `sqlite:${path}` })
  await auth.ready()
  await insertSessions(path, count)
  const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
  const someone = () => `s${Math.floor(Math.random() * count)}`
  return verifying(
    service,
    Array.from({ length: LIVE }, () => sign({ ...makeClaims(), sid: someone() })),
  )
}

/** Tokens of so many keys, each of which signed for a day. */
export async function keys({ count, alg, hot }) {
  let now = Math.floor(Date.now() / 1000)
  const lasting = { refresh: 'single', refreshLifetime: '3650d', accessLifetime: '3650d' }
  const { auth, service } = authFor({ alg, hot, database: 'memory', clock: () => now, ...lasting })
  await auth.ready()
  const exp = now + 3_000 * DAY
  const tokens = []
  for (let key = 0; key < count; key++) {
    const sign = createSigner(await auth.keys.signer(), { typ: 'at+jwt' })
    for (let n = 0; n < LIVE / count; n++) tokens.push(sign({ ...makeClaims(now), exp }))
    if (key === count - 1) break
    await auth.keys.rotate()
    now += DAY
  }
  const living = (await auth.keys.list()).length
  if (living < count) throw new Error(`${living} keys of ${count} verify`)
  return verifying(service, tokens)
}

function authFor({ hot, alg, ...options }) {
  let service
  const taker = ({ tokens }) => {
    service = tokens
    return { authenticate: () => undefined }
  }
  const tokenCache = hot ? 10_000 : 0
  const auth = createAuth({ issuer, secret, algorithm: alg, authenticators: [taker], tokenCache, ...options })
  return { auth, service }
}

async function verifying(service, tokens) {
  for (const token of tokens) await service.verify(token)
  return { operation: service.verify, inputs: freshly(tokens, () => Math.floor(Math.random() * tokens.length)) }
}

async function insertSessions(path, count) {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(path)
  const at = Math.floor(Date.now() / 1000)
  const columns = 'id, user_id, stamp, seed, generation, secret_id, rotated_at, created_at, authenticated_at'
  database.exec(`
    with recursive numbers(n) as (values (0) union all select n + 1 from numbers where n < ${count - 1})
    insert into latchkey_sessions (${columns}, last_seen_at, expires_at, idle_seconds)
    select 's' || n, 'u' || n, ${at}000, 'seed', 0, 'k', ${at}, ${at}, ${at}, ${at}, ${at + 30 * DAY}, ${DAY} from numbers`)
  database.close()
}

function ownFile() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'auth.db')
}
