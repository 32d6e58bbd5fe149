/** What the race does at random, one thing at a time over replicas of the SQL stores: overlapping groups, several secrets, a password that changes under a login (cases 142, 144, 231). */
import { beforeAll, describe, expect, test } from 'vitest'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { SECRET } from '../auth-kit.js'
import { postgresDatabase } from '../services/postgres.js'
import { postgres, sqlite } from '../stores/kit.js'
import { OLD, replicasOf } from './crowd/sibling.js'
import { said } from './kit.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('siblings')
})

const makers: Readonly<Record<string, () => Promise<StoreUnderTest>>> = {
  SQLite: sqlite,
  PostgreSQL: () => postgres(database),
}

const NEW = 'the password that will be'
/** A busy machine needs its time, and no promise of these is about that. */
const MANY = { timeout: 120_000 }
const OTHER_SECRET = 'another-secret-for-tests-9876543210-zyxwvutsrqponm'
/** A secret signs nothing before every replica can have it. */
const KNOWN_SECONDS = 600

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test(
    'a login with the old password that races its change on another replica is dead, and one with the new password lives',
    MANY,
    async () => {
      const { replicas, first, user, end } = await replicasOf(await make(), [{}, {}, {}])
      let [before, raced] = [OLD, 0]
      for (let round = 0; round < 3; round++) {
        const after = `${NEW} ${round}`
        const early = replicas.map(({ login }) => login(before))
        // At another moment of theirs in each round: before they read the account, while they do, and afterwards.
        await turns(2 * round)
        const change = first.auth.users.setPassword(user.id, after)
        const late = replicas.map(({ login }) => login(before))
        await change
        const lively = replicas.map(({ login }) => login(after))
        for (const { status, body } of await Promise.all([...early, ...late])) {
          if (status !== 200) expect([status, body.code]).toEqual([401, 'login_failed'])
          else {
            raced++
            for (const { refresh, check } of replicas) {
              expect(said(await refresh(body.refresh_token))).toEqual([401, 'session_revoked'])
              expect(await check(body.access_token)).toBe('token_revoked')
            }
          }
        }
        for (const { status, body } of await Promise.all(lively)) {
          expect(status).toBe(200)
          for (const { check } of replicas) expect(await check(body.access_token)).toBe('good')
          expect((await first.refresh(body.refresh_token)).status).toBe(200)
        }
        for (const { login } of replicas) expect(said(await login(before))).toEqual([401, 'login_failed'])
        before = after
      }
      expect(raced).toBeGreaterThan(0)
      await end()
    },
  )

  test(
    'groups of rotations that overlap between replicas have one winner each, and who fails touches no other',
    MANY,
    async () => {
      const store = await make()
      const { replicas, first, user, end } = await replicasOf(store, [{}, {}, {}])
      const begin = async () => String((await first.auth.tokens.issue(user)).refresh)
      const dead = await Promise.all([begin(), begin(), begin()])
      await first.auth.sessions.list(user.id)
      for (const token of dead) await first.auth.revoke({ session: token.split('.')[0] as string })
      let tokens = await Promise.all(Array.from({ length: 24 }, begin))
      for (let round = 0; round < 4; round++) {
        // Each replica meets the same sessions in an order of its own, with the dead and the unknown between them.
        const groups = replicas.map(async ({ refresh }, turn) => {
          const asked = [...tokens.slice(turn * 8), ...tokens.slice(0, turn * 8)]
          const strangers = [...dead, tokens[0]?.replace(/.$/, 'A') as string, 'nothing.0.at']
          const [answers, refusals] = await Promise.all([
            Promise.all(asked.map(async (token) => [token, (await refresh(token)).body.refresh_token] as const)),
            Promise.all(strangers.map(refresh)),
          ])
          for (const { status } of refusals.slice(0, dead.length)) expect(status).toBe(401)
          return new Map(answers)
        })
        const all = await Promise.all(groups)
        tokens = tokens.map((token) => {
          const successors = new Set(all.map((answers) => answers.get(token)))
          expect([...successors]).toEqual([expect.stringMatching(/^[\w-]{22}\.\d+\.[\w-]{43}$/)])
          return [...successors][0] as string
        })
        for (const token of tokens) expect(token.split('.')[1]).toBe(String(round + 1))
      }
      await end()
    },
  )

  test(
    'replicas with different lists of secrets: a retry gets the identical successor or 503, and never that it is bad',
    MANY,
    async () => {
      const store = await make()
      const lists = [SECRET, [OTHER_SECRET, SECRET], [SECRET, OTHER_SECRET]]
      const { replicas, first, user, end } = await replicasOf(
        store,
        lists.map((secret) => ({ secret })),
      )
      const begun = await Promise.all(Array.from({ length: 6 }, () => first.auth.tokens.issue(user)))
      let tokens = begun.map(({ refresh }) => String(refresh))
      store.clock.now += KNOWN_SECONDS
      const seen = new Set<number>()
      // As long as it takes until both ways out were taken: who is first is up to the machine.
      for (let round = 0; round < 6 || (seen.size < 2 && round < 60); round++) {
        tokens = await Promise.all(
          tokens.map(async (token, index) => {
            // Twice at each: the first of them rotates, the others are retries within the grace period.
            const asked = [...replicas, ...replicas].map((_, turn) => replicas[(turn + index + round) % 3])
            // One is ahead by a turn, so that each replica is the first for some token.
            const ask = (replica: (typeof replicas)[number] | undefined, place: number) =>
              turns(Math.min(place, 1)).then(() => replica?.refresh(token))
            const answers = await Promise.all(asked.map(ask))
            const good = answers.filter((answer) => answer?.status === 200)
            for (const answer of answers) {
              seen.add(answer?.status ?? 0)
              if (answer?.status !== 200) expect(said(answer ?? { status: 0 })).toEqual([503, 'store_failed'])
            }
            const successors = new Set(good.map((answer) => answer?.body.refresh_token))
            expect(successors.size).toBe(1)
            return [...successors][0] as string
          }),
        )
      }
      expect([...seen].sort()).toEqual([200, 503])
      for (const token of tokens) {
        const session = token.split('.')[0] as string
        expect((await store.stores.sessions.find(session))?.session.endedAt).toBeNull()
      }
      await end()
    },
  )
})

/** Turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}
