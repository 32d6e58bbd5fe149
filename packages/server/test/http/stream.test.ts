/** The stream of revocations through the whole server: open to whom it should be, and never a reason not to stop. */
import { apiToken, jwt } from 'latchkey'
import { expect, test } from 'vitest'
import { startServer } from '../server-kit.js'

test('a service that listens hears of a revocation, and the server stops all the same', async () => {
  const { auth, url, server, call } = await startServer({
    requireAuthentication: { rest: true, graphql: true },
    auth: { authenticators: [jwt(), apiToken()] },
  })
  const user = await auth.users.create({ username: 'reports', permissions: ['revocations:read'] })
  const { token } = await auth.apiTokens.create(user.id, { name: 'reports', permissions: ['revocations:read'] })
  expect((await call('GET', '/auth/revocations/stream')).status).toBe(401)
  const response = await fetch(`${url}/auth/revocations/stream`, { headers: { authorization: `Bearer ${token}` } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  const heads = () => [...text.matchAll(/id: (\d+)/g)].map(([, id]) => Number(id))
  const hear = async (count: number) => {
    while (heads().length < count) text += Buffer.from((await reader.read()).value ?? []).toString()
  }
  await hear(1)
  await auth.revoke({ jti: 'one' })
  await hear(2)
  const { body } = await call('GET', `/auth/revocations?after=${heads()[0]}`, { token })
  expect([body.epochs[0].key, body.head]).toEqual(['one', heads()[1]])
  const start = performance.now()
  await server.stop()
  expect(performance.now() - start).toBeLessThan(5_000)
  await expect(reader.read()).rejects.toThrow()
})
