/** Redis behind a network that breaks, asked by every route: nobody notices, guessing stays limited, and news still arrive (cases 245, 267). */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import type { Fault } from '../services/proxy.js'
import { redisUrl } from '../services/redis.js'
import { broken, well } from './judge.js'
import { place, type Server } from './kit.js'
import { askEach, peopleOf, questionsTo } from './questions.js'

/** Nobody is refused anything meanwhile, so this is only how long polling has to do. */
const BACK_MILLISECONDS = 15_000
const POLL_MILLISECONDS = 1_000
/** What a login waits for a throttle that does not answer, and what a busy machine adds. */
const UNNOTICED_MILLISECONDS = 3_000
const POINTS = 5

/** A busy machine takes long to make the worlds; what is measured begins after that. */
const MAKING_MILLISECONDS = 120_000

const faults = ['refuse', 'reset', 'delay', 'silent'] as const satisfies readonly Fault[]

/** All faults at the same time, since each of them mostly waits; but one world is made after the other. */
const runs = new Map<Fault, ReturnType<typeof run>>()
const report = (fault: Fault) => runs.get(fault) as ReturnType<typeof run>
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  const [database, redis] = await Promise.all([postgresDatabase('redis faults'), redisUrl()])
  for (const fault of faults) {
    const made = await place(database, redis)
    ends.push(made.end)
    const mine = run(fault, made, await inhabited(made))
    // What goes wrong is told by the tests that await it.
    mine.catch(() => {})
    runs.set(fault, mine)
  }
}, MAKING_MILLISECONDS)
afterAll(async () => {
  await Promise.allSettled(runs.values())
  await Promise.all(ends.map((end) => end()))
})

describe.each(faults)('%s', (fault) => {
  test('every route answers as if all were well, and hardly later', async () => {
    const { questions, answers } = await report(fault)
    expect(broken(questions, answers, well, UNNOTICED_MILLISECONDS)).toEqual([])
    count('routes asked while Redis was gone', Object.keys(answers).length)
  })

  test('guessing is limited by each process, and nobody waits for that', async () => {
    const { guesses } = await report(fault)
    expect(guesses.map(({ status }) => status)).toEqual([...Array(POINTS).fill(401), 429, 429])
    for (const { milliseconds } of guesses) expect(milliseconds).toBeLessThan(UNNOTICED_MILLISECONDS)
  })

  test('another process hears of a revocation by its next poll', async () => {
    const { polled } = await report(fault)
    expect(polled).toBeLessThan(POLL_MILLISECONDS + UNNOTICED_MILLISECONDS)
  })

  test('once it is back, news are pushed and guesses counted for all again', async () => {
    const { pushed, shared } = await report(fault)
    expect(pushed).toBeLessThan(BACK_MILLISECONDS)
    expect(shared).toBeLessThan(BACK_MILLISECONDS)
  })
})

type Place = Awaited<ReturnType<typeof place>>
type Inhabited = Awaited<ReturnType<typeof inhabited>>

async function inhabited({ server }: Place) {
  const throttle = { account: { points: POINTS, seconds: 900 } }
  const first = await server({ throttle })
  const polling = await server()
  const pushed = await server({ throttle, revocation: SELDOM })
  return { first, polling, pushed, questions: questionsTo(first.call, await peopleOf(first)) }
}

async function run(fault: Fault, { toRedis }: Place, { first, polling, pushed, questions }: Inhabited) {
  await toRedis.set(fault)
  const answers = await askEach(questions)
  const guesses = []
  for (let n = 0; n < POINTS + 2; n++) guesses.push(await guess(first, 'eve'))
  const polled = await reach(first, polling, Number.POSITIVE_INFINITY)
  await toRedis.set('pass')
  const [heard, shared] = await Promise.all([reach(first, pushed, 500), untilShared()])
  return { questions, answers, guesses, polled, pushed: heard, shared }

  /** Until two processes have one budget: what one has used up is missing at the other. */
  async function untilShared(): Promise<number> {
    const began = performance.now()
    for (let n = 0; performance.now() - began < 2 * BACK_MILLISECONDS; n++) {
      for (let point = 0; point < POINTS; point++) await guess(first, `mallory ${n}`)
      if ((await guess(pushed, `mallory ${n}`)).status === 429) return performance.now() - began
      await pause(200)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Of a name that no other run has used up: Redis counts for all. */
  function guess({ call }: Server, who: string) {
    const body = { username: `${who} of ${fault} at ${performance.timeOrigin}`, password: 'wrong' }
    return call('POST', '/auth/login', { body })
  }
}

/** So seldom does it poll that what it hears in time it was told. */
const SELDOM = { bound: 300, poll: 290 }

let users = 0

/** Milliseconds until what one process revoked is refused by another. After `patience` milliseconds it revokes another one, and waits longer: of one that was told to nobody nobody hears. */
async function reach(from: Server, to: Server, patience: number): Promise<number> {
  const began = performance.now()
  const user = await from.auth.users.create({ username: `reached-${users++}` })
  for (let wait = patience; performance.now() - began < 2 * BACK_MILLISECONDS; wait *= 2) {
    const { access, refresh = '' } = await from.auth.tokens.issue(user)
    if ((await use(access)) !== 200) throw new Error('the world was not made')
    await from.auth.revoke({ session: refresh.split('.')[0] as string })
    const until = performance.now() + Math.min(wait, BACK_MILLISECONDS)
    while (performance.now() < until) {
      if ((await use(access)) === 401) return performance.now() - began
      await pause(20)
    }
  }
  return Number.POSITIVE_INFINITY

  async function use(token: string): Promise<number> {
    return (await to.call('GET', '/app', { token })).status
  }
}
