/** PostgreSQL behind a network that breaks, asked by every route under every policy: what goes on, what answers 503, and the way back (goal G17, case 240). */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import type { Fault } from '../services/proxy.js'
import { broken, type Promised, well } from './judge.js'
import { type Answer, place, type Server } from './kit.js'
import { askAll, peopleOf, type Questions, questionsTo } from './questions.js'

const BACK_MILLISECONDS = 5_000
const BOUND_SECONDS = 5

/** A busy machine takes long to make the worlds; what is measured begins after that. */
const MAKING_MILLISECONDS = 120_000

const faults = ['refuse', 'reset', 'delay', 'silent'] as const satisfies readonly Fault[]
const policies = ['ask-store', 'deny', 'allow'] as const

const gone: Promised = {
  nothing: 'good',
  token: 'good',
  read: 'unavailable',
  write: 'unavailable',
  proof: 'unavailable',
}
const past: Promised = { ...gone, token: 'unavailable' }
const promisedPast = { 'ask-store': past, deny: past, allow: gone }

/** All faults at the same time, since each of them mostly waits; but one world is made after the other. */
const runs = new Map<Fault, ReturnType<typeof run>>()
const report = (fault: Fault) => runs.get(fault) as ReturnType<typeof run>
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  const database = await postgresDatabase('faults')
  for (const fault of faults) {
    const made = await place(database)
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
  test.each(policies)(
    '%s: within the bound access tokens are good, and what needs the database answers 503 in time',
    async (policy) => {
      const { within } = await report(fault)
      expect(broken(within[policy].questions, within[policy].answers, gone)).toEqual([])
      count('routes asked while PostgreSQL was gone', Object.keys(within[policy].answers).length)
    },
  )

  test.each(policies)('%s: past the bound the policy holds', async (policy) => {
    const { past } = await report(fault)
    expect(broken(past[policy].questions, past[policy].answers, promisedPast[policy])).toEqual([])
    count('routes asked while PostgreSQL was gone', Object.keys(past[policy].answers).length)
  })

  test('what was ended before stays ended all the while, and is not answered as anything else', async () => {
    const { ended } = await report(fault)
    expect(ended).toEqual(['401 token_revoked', '401 token_revoked'])
  })

  test('it comes back within five seconds without a restart, and every retry does what was asked', async () => {
    const { back, backMilliseconds } = await report(fault)
    expect(backMilliseconds).toBeLessThan(BACK_MILLISECONDS)
    expect(broken(back.questions, back.answers, well)).toEqual([])
  })

  test('nothing that was acknowledged before is lost, and the access tokens that a retry ended are dead', async () => {
    const { kept } = await report(fault)
    expect(kept).toEqual({ rotated: 200, refresh: '401 session_revoked', cid: '401 token_revoked' })
  })
})

type Place = Awaited<ReturnType<typeof place>>
type Inhabited = Awaited<ReturnType<typeof inhabited>>

/** A server for each policy, the same questions to each, and two users of whom something was acknowledged. */
async function inhabited({ server }: Place) {
  const servers: Server[] = []
  for (const whenStale of policies) servers.push(await server({ revocation: { whenStale, bound: BOUND_SECONDS } }))
  const [first] = servers as [Server]
  const people = await peopleOf(first)
  const questions = servers.map(({ call }) => questionsTo(call, people))
  const rotated = await good(refresh(first, (await signedIn(first, 'rotated')).refresh))
  const ended = await signedIn(first, 'ended')
  await good(first.call('POST', '/auth/logout', { token: ended.access }))
  return { servers, first, people, questions, rotated: rotated.body.refresh_token, ended }
}

async function run(
  fault: Fault,
  { clock, toPostgres }: Place,
  { servers, first, people, questions, rotated, ended }: Inhabited,
) {
  await toPostgres.set(fault)
  const within = await ask()
  clock.now += BOUND_SECONDS + 1
  const past = await ask()
  await toPostgres.set('pass')
  const began = performance.now()
  await Promise.all(servers.map((one) => untilBack(one, people('ann').access)))
  const backMilliseconds = performance.now() - began
  const back = await askInTurns(questions)
  const kept = {
    rotated: (await refresh(first, rotated)).status,
    refresh: said(await refresh(first, ended.refresh)),
    cid: await lastly(() => use(people('cid').access), '401 token_revoked'),
  }
  return { within: within.answers, past: past.answers, ended: [within.told, past.told], back, backMilliseconds, kept }

  async function ask() {
    const asked = questions.map(async (mine) => ({ questions: mine, answers: await askAll(mine) }))
    const [told, ...answers] = await Promise.all([use(ended.access), ...asked])
    return { told, answers: Object.fromEntries(policies.map((name, n) => [name, answers[n]])) as ByPolicy }
  }

  async function use(token: string): Promise<string> {
    return said(await first.call('GET', '/app', { token }))
  }
}

type ByPolicy = Record<(typeof policies)[number], { questions: Questions; answers: Readonly<Record<string, Answer>> }>

const said = ({ status, code }: Answer) => `${status} ${code}`

async function signedIn({ auth }: Server, username: string) {
  return auth.tokens.issue(await auth.users.create({ username }))
}

function refresh({ call }: Server, refresh_token: string | undefined): Promise<Answer> {
  return call('POST', '/auth/refresh', { body: { refresh_token } })
}

/** Another server may have ended it: this one learns of that within the bound. */
async function lastly(ask: () => Promise<string>, wanted: string): Promise<string> {
  const until = performance.now() + BOUND_SECONDS * 1000
  for (;;) {
    const answer = await ask()
    if (answer === wanted || performance.now() > until) return answer
    await pause(50)
  }
}

async function good(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`the world was not made: ${said(answer)}`)
  return answer
}

/** Until it is answered again what needs the database, and what needs to know of revocations. */
async function untilBack({ call }: Server, token: string): Promise<void> {
  const body = { username: 'nobody', password: 'wrong' }
  const until = performance.now() + 2 * BACK_MILLISECONDS
  while (performance.now() < until) {
    const probes = [call('POST', '/auth/login', { body }), call('GET', '/app', { token })]
    if ((await Promise.all(probes)).every(({ status }) => status !== 503)) return
    await pause(50)
  }
}

/** Each question once, of one server after the other: what it changes is the same for all. */
async function askInTurns(questions: readonly Questions[]) {
  const answers: Record<string, Answer> = {}
  for (const [n, name] of Object.keys(questions[0] as Questions).entries())
    answers[name] = (await questions[n % questions.length]?.[name]?.ask()) as Answer
  return { questions: questions[0] as Questions, answers }
}
