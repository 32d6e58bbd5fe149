/** One of several processes over one PostgreSQL: a guarded page, and somebody to tell it whose session ends. */
import { createServer } from 'node:http'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/node'
// No door leads there: an application cannot do without what pushes.
import { postgresStores } from '../../packages/latchkey/dist/esm/stores/sql/postgres.js'
import { issuer } from '../lib/tokens.mjs'

/** Hears of the others by Redis where there is one, else by PostgreSQL; without `push` by reading every second only. */
export async function replica({ url, redis, push }) {
  const auth = createAuth({
    issuer,
    database: push ? url : { ...postgresStores({ url }), wake: undefined },
    secret: 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl',
    ...(redis && { redis }),
    sessionLimit: 10_000,
  })
  await auth.ready()
  const [identify, admit] = [authenticate(auth), authorize(auth, signedIn)]
  const server = createServer(async (request, response) => {
    await identify(request)
    if (await admit(request, response)) response.end('hello')
  })
  return { server, functions: { issue, revoke } }

  async function issue(count) {
    const user = await auth.users.create({ username: `user${count}`, password: 'correct horse battery' })
    const issued = []
    while (issued.length < count) issued.push((await auth.tokens.issue(user)).access)
    return issued
  }

  /** Answers when it was asked, by a clock that all processes of a machine share: in milliseconds. */
  async function revoke(token) {
    const { sessionId } = await auth.tokens.verify(token)
    const asked = Number(process.hrtime.bigint()) / 1e6
    await auth.revoke({ session: sessionId })
    return asked
  }
}
