/** The race itself: twenty actors at once over the replicas of one store, until each has done its steps. */
import { inTime } from '../../../src/util/deadline.js'
import { SECRET } from '../../auth-kit.js'
import { chance } from '../../kills/world.mjs'
import { createActor } from './actor.js'
import { type History, newHistory } from './history.js'
import { judge } from './judge.js'
import { type Door, passwordOf, type Somebody } from './scene.js'

const ACTORS = 20
/** Fewer than actors, so that they meet. */
const PEOPLE = ['ann', 'bob', 'cid', 'dot', 'eve', 'fay']

/** Whoever is not done by then waits for somebody who waits for him. */
const PATIENCE_SECONDS = 60

/** Within how many milliseconds of an acknowledgement the other replicas know, with `revocation` set as below. */
const REACH_MILLISECONDS = 2_000

/** The options of the replicas: nothing may expire or be throttled meanwhile, and what is asked is not how fast tokens are signed. */
export const crowdOptions = {
  algorithm: 'HS256',
  key: SECRET,
  accessLifetime: '1h',
  grace: 60,
  sessionLimit: 10_000,
  revocation: { bound: '2s', poll: '1s' },
  throttle: Object.fromEntries(
    ['account', 'address', 'everybody'].map((name) => [name, { points: 1_000_000, seconds: 60 }]),
  ),
} as const

/** Repeat a run by `LATCHKEY_SEED`; the schedule of the machine it cannot repeat. */
export const newSeed = (): number => Number(process.env.LATCHKEY_SEED) || Math.floor(Math.random() * 2 ** 32)

export async function race(
  doors: readonly Door[],
  steps: number,
  seed: number,
  patienceSeconds: number = PATIENCE_SECONDS,
): Promise<History> {
  const history = newHistory()
  const people: Somebody[] = []
  for (const username of PEOPLE) people.push(await created(doors[0] as Door, username))
  let names = 0
  const scene = { doors, people, sessions: [], history, chance: chance(seed), next: () => ++names }
  const actors = Array.from({ length: ACTORS }, () => createActor(scene))
  await all('their steps', async ({ step }) => {
    for (let done = 0; done < steps; done++) await step()
  })
  await all('what is left', ({ settle }) => settle())
  return history

  function all(what: string, work: (actor: (typeof actors)[number]) => Promise<void>): Promise<unknown> {
    const stuck = () => new Error(`stuck in ${what}: seed ${seed}`)
    return inTime(Promise.all(actors.map(work)), patienceSeconds, stuck)
  }
}

async function created(door: Door, username: string): Promise<Somebody> {
  const { body } = await door({ act: 'create', given: [{ username, password: passwordOf(username, 0) }] })
  return { id: body.id, username, version: 0, busy: false, permissions: [] }
}

/** So many answers in a hundred may be 503: a store that a busy machine does not let answer in time says so. */
const MOST_UNAVAILABLE = 10

/** How many questions there were, and what the judge says, in a form that a test compares. */
export function verdict(history: History, seed: number) {
  const findings = judge(history, REACH_MILLISECONDS)
  const asked = Object.values(history).flat() as readonly { readonly outcome?: string }[]
  const unavailable = asked.filter(({ outcome }) => outcome === 'unavailable').length
  const tooOften = (100 * unavailable) / asked.length > MOST_UNAVAILABLE ? unavailable : 0
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return { seed, done: asked.length, tooOften, rules, findings: findings.slice(0, 5) }
}

/** What `verdict` says where nothing is wrong. */
export const fine = (seed: number, done: number) => ({ seed, done, tooOften: 0, rules: [], findings: [] })
