/** Both variants of drf-jwt do what their README says. */
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { addAdmin, drfJwtProject } from '../src/app.js'

const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
const README = new URL('../README.md', import.meta.url)

test.each([
  ['1.17', { to: 5 }, 5],
  ['2017', { from: 5 }, 1],
] as const)(
  'what the README says of the variant %s is what happens',
  async (variant, part, blocks) => {
    const { app, auth } = drfJwtProject({ database: 'memory', secret: SECRET, variant, signingKey: SECRET })
    await seed(auth)
    await addAdmin(auth)
    const server = await listen(app, { port: 0, host: '127.0.0.1' })
    try {
      const base = `http://localhost:${(server.address() as AddressInfo).port}`
      expect(await followReadme(README, base, part)).toBe(blocks)
    } finally {
      server.close()
    }
  },
  60_000,
)
