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

interface Used {
  readonly began: number
  readonly ended: number
  readonly outcome: string
}

/** Sends one request after another, at most as many as fit into a few seconds. */
async function use(auth: Parameters<typeof enter>[0], header: string, stop: { readonly done: boolean }) {
  const used: Used[] = []
  for (let n = 0; n < 2_000 && !stop.done; n++) {
    const began = performance.now()
    const outcome = await enter(auth, header)
    used.push({ began, outcome, ended: performance.now() })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return used
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

  // Five at a time go on using it here and there while it is revoked.
  const stop = { done: false }
  const using = [here, there].map((auth) => Promise.all(Array.from({ length: 5 }, () => use(auth, first, stop))))
  await here.apiTokens.revoke(made[0]?.id as string)
  const revokedAt = performance.now()
  await expect.poll(() => enter(there, first), { timeout: 10_000 }).toBe('token_revoked')
  stop.done = true
  const [usedHere = [], usedThere = []] = (await Promise.all(using)).map((all) => all.flat())
  const isGood = ({ outcome }: Used) => outcome === 'good'
  expect(usedHere.filter(isGood).filter(({ began }) => began > revokedAt)).toEqual([])
  for (const used of [usedHere, usedThere]) expect(used.filter(isGood).length).toBeGreaterThan(0)
  const learnt = Math.min(...usedThere.filter(({ outcome }) => outcome === 'token_revoked').map(({ ended }) => ended))
  expect(usedThere.filter(isGood).filter(({ began }) => began > learnt)).toEqual([])
  expect(await enter(here, first)).toBe('token_revoked')
  expect(await enter(there, second)).toBe('good')

  await there.apiTokens.revokeAll()
  expect(await enter(there, second)).toBe('token_revoked')
  await expect.poll(() => enter(here, second), { timeout: 10_000 }).toBe('token_revoked')
  const next = await here.apiTokens.create(user.id, { name: 'next' })
  for (const auth of [here, there, start()]) {
    expect([await enter(auth, `Bearer ${next.token}`), await enter(auth, second)]).toEqual(['good', 'token_revoked'])
  }
  const listed = await there.apiTokens.list({ userId: user.id })
  expect(listed.filter(({ active }) => active).map(({ name }) => name)).toEqual(['next'])
})
