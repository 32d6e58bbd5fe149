/** API tokens over two processes and a database: what one revokes, and what one ends for good, the other learns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { apiToken, createAuth, jwt } from '../../src/index.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { postgresDatabase } from '../services/postgres.js'
import { enter } from './kit.js'

const databases: Record<string, () => Promise<string>> = {
  async SQLite() {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-api-tokens-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return `sqlite:${join(folder, 'auth.db')}`
  },
  PostgreSQL: () => postgresDatabase('api_tokens'),
}

test.each(Object.entries(databases))('two processes over %s', async (_name, make) => {
  const database = await make()
  const start = () => {
    const auth = createAuth({ issuer: ISSUER, secret: SECRET, database, authenticators: [jwt(), apiToken()] })
    onTestFinished(() => auth.close())
    return auth
  }
  const [here, there] = [start(), start()]
  const user = await here.users.create({ username: 'alice', permissions: ['posts:read'] })
  const made = await Promise.all(
    [1, 2, 3].map((n) => here.apiTokens.create(user.id, { name: `${n}`, expiresIn: null })),
  )
  const [first, second] = made.map(({ token }) => `Bearer ${token}`) as [string, string]
  for (const auth of [here, there]) expect(await enter(auth, first)).toBe('good')

  await here.apiTokens.revoke(made[0]?.id as string)
  expect(await enter(here, first)).toBe('token_revoked')
  await expect.poll(() => enter(there, first), { timeout: 6_000 }).toBe('token_revoked')
  expect(await enter(there, second)).toBe('good')

  await there.apiTokens.revokeAll()
  expect(await enter(there, second)).toBe('token_revoked')
  await expect.poll(() => enter(here, second), { timeout: 6_000 }).toBe('token_revoked')
  const next = await here.apiTokens.create(user.id, { name: 'next' })
  for (const auth of [here, there, start()]) {
    expect([await enter(auth, `Bearer ${next.token}`), await enter(auth, second)]).toEqual(['good', 'token_revoked'])
  }
  const listed = await there.apiTokens.list({ userId: user.id })
  expect(listed.filter(({ active }) => active).map(({ name }) => name)).toEqual(['next'])
})
