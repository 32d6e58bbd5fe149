/** The application of the post does what its README says. */
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { subscribersApp } from '../src/app.js'

const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'

test('what the README says is what happens', async () => {
  const { app, auth } = subscribersApp({ database: 'memory', secret: SECRET, signingKey: SECRET })
  await seed(auth)
  const server = await listen(app, { port: 0, host: '127.0.0.1' })
  try {
    const base = `http://localhost:${(server.address() as AddressInfo).port}`
    expect(await followReadme(new URL('../README.md', import.meta.url), base)).toBe(5)
  } finally {
    server.close()
  }
}, 60_000)
