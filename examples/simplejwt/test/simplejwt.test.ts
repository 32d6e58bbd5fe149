/** The project of simplejwt's documentation does what its README says, with a pair and with sliding tokens. */
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { simplejwtProject } from '../src/app.js'

const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
const README = new URL('../README.md', import.meta.url)

test.each([
  ['rotate', { ROTATE_REFRESH_TOKENS: true, BLACKLIST_AFTER_ROTATION: true }, { to: 4 }, 4],
  ['sliding', { AUTH_TOKEN_CLASSES: ['SlidingToken'] }, { from: 4 }, 1],
])(
  'what the README says of --%s is what happens',
  async (_flag, settings, part, blocks) => {
    const { app, auth } = simplejwtProject({
      database: 'memory',
      secret: SECRET,
      settings: { SIGNING_KEY: SECRET, ...settings },
    })
    await seed(auth)
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
