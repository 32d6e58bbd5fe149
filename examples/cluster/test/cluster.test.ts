/** Three servers are one: a token is good on all of them, its end reaches all of them, and whoever is killed takes nobody along. */
import { once } from 'node:events'
import { readdirSync, rmdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { count } from '../../../packages/latchkey/test/count.js'
import { followReadme } from '../../lib/readme.js'
import { get, type Name, pairOf, post, type Running, startExample, until } from './running.js'

const SERVERS: readonly Name[] = ['a', 'b', 'c']
const BOUND_MILLISECONDS = 5_000
const CLIENTS = 8
const KILLS = 4

let cluster: Running
beforeAll(async () => {
  cluster = await startExample()
}, 180_000)
afterAll(() => void cluster.child.kill())

/** What each server says to a token. */
async function statuses(token: string): Promise<readonly number[]> {
  return Promise.all(SERVERS.map(async (name) => (await get(`${await cluster.urlOf(name)}/hello`, token)).status))
}

/** Milliseconds until all three refuse a session that was ended on one of them. */
async function logoutOn(name: Name): Promise<number> {
  const { access } = await cluster.login()
  expect(await statuses(access)).toEqual([200, 200, 200])
  expect((await post(`${await cluster.urlOf(name)}/auth/logout`, {}, access)).status).toBe(204)
  return until(async () => (await statuses(access)).every((status) => status === 401))
}

test('the proxy takes turns, and a token is good on each server', async () => {
  const { access } = await cluster.login()
  const answers = await Promise.all(SERVERS.map(() => get(`${cluster.base}/hello`, access)))
  const bodies = await Promise.all(answers.map((answer) => answer.json()))
  expect(bodies).toEqual(expect.arrayContaining(SERVERS.map((server) => ({ server, hello: '1' }))))
})

test('who logs out on one server is refused on all within the bound', async () => {
  const waits: number[] = []
  for (let round = 0; round < 6; round++) waits.push(await logoutOn(SERVERS[round % 3] as Name))
  const longest = Math.max(...waits)
  expect(longest).toBeLessThan(BOUND_MILLISECONDS)
  count('cluster: milliseconds from the longest logout to its refusal on three servers', Math.round(longest))
})

test('a server that is killed in the midst of a refresh takes the answer along, and not the session', async () => {
  const { refresh } = await cluster.login()
  const [id] = refresh.split('.')
  const database = new pg.Client(`postgres://postgres@127.0.0.1:${(await cluster.members()).postgres.port}/postgres`)
  await database.connect()
  await database.query('begin')
  await database.query('select from latchkey_sessions where id = $1 for update', [id])
  // The server waits for the lock, and is dead when it is given: PostgreSQL carries out what nobody waits for any more.
  const lost = cluster.refresh(refresh, await cluster.urlOf('a')).catch(() => 'lost')
  await until(async () => {
    const { rows } = await database.query('select from pg_locks where not granted')
    return rows.length > 0
  })
  const back = await cluster.kill('a')
  expect(await lost).toBe('lost')
  await database.query('commit')
  await until(async () => {
    const { rows } = await database.query('select generation from latchkey_sessions where id = $1', [id])
    return Number(rows[0].generation) === 1
  })
  await database.end()
  const successors = new Set<string>()
  for (const name of ['b', 'c'] as const)
    successors.add((await pairOf(await cluster.refresh(refresh, await cluster.urlOf(name)))).refresh)
  await back()
  successors.add((await pairOf(await cluster.refresh(refresh, await cluster.urlOf('a')))).refresh)
  expect([...successors]).toEqual([expect.stringContaining(`${id}.1.`)])
})

test('servers killed at any moment: every session goes on through the others, and who is back joins', {
  timeout: 180_000,
}, async () => {
  let going = true
  let refreshes = 0
  // A login that is killed begins anew, which is for its user to say: here everybody is in before the first kill.
  const pairs = await Promise.all(Array.from({ length: CLIENTS }, () => cluster.login()))
  const clients = pairs.map(async ({ refresh }) => {
    while (going) {
      const answer = await cluster.refresh(refresh)
      expect([200, 503]).toContain(answer.status)
      if (answer.status !== 200) continue
      refresh = (await pairOf(answer)).refresh
      refreshes++
    }
  })
  const killing = async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(100 + Math.random() * 200)
      const back = await cluster.kill(SERVERS[kill % 3] as Name)
      await back()
    }
    going = false
  }
  await Promise.all([killing(), ...clients])
  expect(refreshes).toBeGreaterThan(CLIENTS * KILLS)
  count('cluster: servers killed under refreshing clients', KILLS)
  count('cluster: refreshes meanwhile, none refused', refreshes)
  const { access } = await cluster.login()
  expect(await statuses(access)).toEqual([200, 200, 200])
})

test('without Redis everything goes on, and a logout still reaches all servers within the bound', async () => {
  const { access, refresh } = await cluster.login()
  const back = await cluster.kill('redis')
  expect(await statuses(access)).toEqual([200, 200, 200])
  expect((await cluster.refresh(refresh)).status).toBe(200)
  expect(await logoutOn('a')).toBeLessThan(BOUND_MILLISECONDS)
  await back()
})

test('without PostgreSQL tokens are verified and refreshes answered 503; when it is back, so is all else within 5 seconds', {
  timeout: 180_000,
}, async () => {
  const { access, refresh } = await cluster.login()
  const back = await cluster.kill('postgres')
  expect(await statuses(access)).toEqual([200, 200, 200])
  for (const name of SERVERS) {
    const answer = await cluster.refresh(refresh, await cluster.urlOf(name))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
  }
  await back()
  const all = Promise.all(
    SERVERS.map(async (name) => {
      const url = await cluster.urlOf(name)
      return until(async () => (await cluster.refresh(refresh, url)).status === 200)
    }),
  )
  const longest = Math.max(...(await all))
  expect(longest).toBeLessThan(5_000)
  count('cluster: milliseconds until three servers refresh again after PostgreSQL is back', Math.round(longest))
})

test('what the README says is what happens', { timeout: 180_000 }, async () => {
  expect(await followReadme(new URL('../README.md', import.meta.url), cluster.base)).toBe(6)
})

test('Ctrl-C stops everything and leaves nothing behind', async () => {
  const pids = Object.values(await cluster.members()).map(({ pid }) => pid)
  const ended = once(cluster.child, 'exit')
  cluster.child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(readdirSync(cluster.folder)).toEqual([])
  rmdirSync(cluster.folder)
})
