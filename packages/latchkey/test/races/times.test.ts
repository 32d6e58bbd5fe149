/** Replicas whose clocks are 12 seconds and an hour apart, and a database that went back an hour under them. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { sqliteModule } from '../../src/stores/sql/sqlite-module.js'
import { onServer, postgresDatabase } from '../services/postgres.js'
import { postgres, sqlite } from '../stores/kit.js'
import { OLD, replicasOf } from './crowd/sibling.js'
import { said } from './kit.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('times')
})

/** A store whose tables a test can keep and put back while others use them. */
interface Restorable extends StoreUnderTest {
  run(sql: string): Promise<void>
}

const makers: Readonly<Record<string, () => Promise<Restorable>>> = {
  async SQLite() {
    const store = await sqlite()
    return { ...store, run }
    async function run(sql: string): Promise<void> {
      const { DatabaseSync } = await sqliteModule()
      const file = new DatabaseSync(store.path)
      file.exec(`begin immediate; ${sql}; commit`)
      file.close()
    }
  },
  async PostgreSQL() {
    const store = await postgres(database)
    return { ...store, run: (sql) => onServer(store.url, `begin; ${sql}; commit`) }
  },
}

const TABLES = ['users', 'sessions', 'epochs', 'counter', 'keyring'].map((name) => `latchkey_${name}`)
const backup = TABLES.map((name) => `create table kept_${name} as select * from ${name}`).join(';')
const restore = TABLES.map((name) => `delete from ${name}; insert into ${name} select * from kept_${name}`).join(';')

const MANY = { timeout: 120_000 }
const stores = Object.keys(makers)
const make = (name: string): Promise<Restorable> => (makers[name] as () => Promise<Restorable>)()
const apart = stores.flatMap((name) => [12, 3_600].map((seconds) => [name, seconds] as const))

describe.each(apart)('%s, clocks %d seconds apart', (name, seconds) => {
  /** Both ways round: the one that is ahead does it, and the other meets what came of it. */
  async function both(promise: (kit: Awaited<ReturnType<typeof pair>>) => Promise<void>): Promise<void> {
    await Promise.all(
      [0, 1].map(async (order) => {
        const kit = await pair(order)
        await promise(kit)
        await kit.end()
      }),
    )
  }

  async function pair(order: number) {
    const store = await make(name)
    const { clock } = store
    const offsets = order === 0 ? [0, seconds] : [seconds, 0]
    const kit = await replicasOf(
      store,
      offsets.map((offset) => ({ grace: 10, clock: () => clock.now + offset })),
    )
    const [one, other] = kit.replicas
    if (!one || !other) throw new Error('no replicas')
    return { ...kit, clock, one, other }
  }

  test('grace is counted by the clock of the store', MANY, () =>
    both(async ({ one, other, clock }) => {
      const { body } = await one.login(OLD)
      const next = (await one.refresh(body.refresh_token)).body.refresh_token
      clock.now += 10
      expect((await other.refresh(body.refresh_token)).body.refresh_token).toBe(next)
      clock.now += 1
      expect(said(await other.refresh(body.refresh_token))).toEqual([401, 'refresh_reused'])
      expect(said(await one.refresh(next))).toEqual([401, 'session_revoked'])
    }),
  )

  test('no old token lives: what one ended, the other refuses, whenever it says that it was made', MANY, () =>
    both(async ({ one, other, user }) => {
      for (const end of [() => one.auth.revoke({ user: user.id }), () => one.auth.users.setPassword(user.id, OLD)]) {
        const { body } = await other.login(OLD)
        await end()
        expect(await other.check(body.access_token)).toBe('token_revoked')
        // Whose clock is behind cannot take it yet, whose clock is ahead may not take it any more.
        expect(await one.check(body.access_token)).toMatch(/^token_(revoked|early|expired)$/)
        for (const { refresh } of [one, other])
          expect(said(await refresh(body.refresh_token))).toEqual([401, 'session_revoked'])
      }
    }),
  )

  test('no new login is dead: it lives where it began, and its session everywhere', MANY, () =>
    both(async ({ one, other, user }) => {
      await one.auth.revoke({ user: user.id })
      await one.auth.revoke({ everyone: true })
      const { body } = await other.login(OLD)
      expect(await other.check(body.access_token)).toBe('good')
      expect(await one.check(body.access_token)).toMatch(/^(good|token_early|token_expired)$/)
      const next = await one.refresh(body.refresh_token)
      expect(await one.check(next.body.access_token)).toBe('good')
      const last = await other.refresh(next.body.refresh_token)
      expect(await other.check(last.body.access_token)).toBe('good')
    }),
  )
})

test.each(stores)(
  '%s: a database that went back an hour under its replicas brings nothing back',
  MANY,
  async (name) => {
    const store = await make(name)
    const { replicas, first, user, end } = await replicasOf(store, [{}, {}])
    const [, second] = replicas
    if (!second) throw new Error('no replica')
    const events: unknown[] = []
    for (const { auth } of replicas) auth.events.on('store.rewound', (event) => void events.push(event))
    const bob = await first.auth.users.create({ username: 'bob', password: OLD })
    const begin = async (who = user) => String((await first.auth.tokens.issue(who)).refresh)
    const [revoked, rotated, untouched, other] = [await begin(), await begin(), await begin(), await begin()]
    const ofBob = await begin(bob)
    await store.run(backup)

    store.clock.now += 3_500
    const { body: gone } = await first.refresh(revoked)
    const { body: bobs } = await second.refresh(ofBob)
    const { body: ahead } = await first.refresh((await first.refresh(rotated)).body.refresh_token)
    const young = await begin()
    await first.auth.revoke({ session: revoked.split('.')[0] as string })
    await second.auth.revoke({ user: bob.id })
    for (const { check } of replicas)
      for (const { access_token } of [gone, bobs]) expect(await check(access_token)).toBe('token_revoked')
    store.clock.now += 100
    await store.run(restore)
    // Somebody writes before anybody has looked.
    await second.auth.revoke({ session: other.split('.')[0] as string })

    for (const { check } of replicas)
      for (const { access_token } of [gone, bobs]) expect(await check(access_token)).toBe('token_revoked')
    await expect.poll(() => events.length).toBeGreaterThan(0)
    for (const { refresh } of replicas) {
      for (const token of [revoked, gone.refresh_token, ofBob, bobs.refresh_token, other, ahead.refresh_token, rotated])
        expect(said(await refresh(token))).toEqual([401, 'session_revoked'])
      expect(said(await refresh(young))).toEqual([401, 'refresh_invalid'])
      expect((await refresh(untouched)).status).toBe(200)
    }
    // A generation that the database forgot was told, too.
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ sessionId: rotated.split('.')[0] }))
    const { tokens } = await second.auth.tokens.refresh(await begin(bob))
    for (const { check } of replicas) expect(await check(tokens.access)).toBe('good')

    // What `latchkey restore` does, for whom nobody could tell.
    const { body: last } = await first.login(OLD)
    await first.auth.revoke({ everyone: true })
    for (const { refresh, check } of replicas) {
      for (const token of [untouched, last.refresh_token, String(tokens.refresh)])
        expect(said(await refresh(token))).toEqual([401, 'session_revoked'])
      expect(await check(last.access_token)).toBe('token_revoked')
    }
    expect(await second.check((await first.login(OLD)).body.access_token)).toBe('good')
    await end()
  },
)
