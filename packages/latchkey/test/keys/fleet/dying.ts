/** Kills a process at each step of a change to the keyring; answers how often, and everything that was not whole afterwards. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createKeyring, type KeyInfo } from '../../../src/keys/keyring.js'
import { announce, serverSecrets } from '../../../src/keys/seal.js'
import { openStores } from '../../../src/stores/open.js'
import { fakeClock } from '../fixtures.js'

export type Task = 'rotate' | 'emergency' | 'reseal'

export interface DyingOptions {
  readonly database: string
  readonly task: Task
  readonly variant?: string
}

export interface Died {
  readonly findings: readonly string[]
  readonly kills: number
  /** How many of them left the change done. */
  readonly completed: number
}

/** Long enough that the next rotation has something to do. */
const STEP_SECONDS = 3_600
const MOST_STEPS = 60

const program = fileURLToPath(new URL('mortal.mjs', import.meta.url))
const secretOf = (index: number): string => `secret-number-${index}-k3Jv9Qp-2wXz7Lm_5rTc8Bn4Hd6Gf1Sa0Yu`

export async function dieAtEachStep({ database, task, variant }: DyingOptions): Promise<Died> {
  const clock = fakeClock()
  const stores = openStores(database, clock)
  const findings: string[] = []
  let completed = 0
  await stores.open()
  try {
    for (let last = 1; last < MOST_STEPS; last++) {
      // A resealing is one under a secret that is new each time, and known long enough.
      const secrets = task === 'reseal' ? [secretOf(last), secretOf(last - 1)] : [secretOf(0)]
      await restarted(secrets.slice(-1)).open()
      await announce(serverSecrets(secrets, clock), stores.keys)
      clock.now += STEP_SECONDS
      const before = await state(secrets.slice(-1))
      const survived = await live({ database: named(database), task, variant, secrets, last, now: clock.now })
      await through(database)
      const isDone = ((await stores.keys.load())?.version ?? 0) > before.version
      if (isDone) completed++
      const after = await state(secrets)
      const found = [...whole(after), ...judges[task](before, after, isDone)]
      findings.push(...found.map((text) => `killed at step ${last}: ${text}`))
      if (survived || findings.length > 0) return { findings, kills: last - 1, completed: completed - 1 }
    }
    return { findings: [...findings, 'it never came to its end'], kills: MOST_STEPS, completed }
  } finally {
    await stores.close()
  }

  /** A process that was started after the kill. */
  function restarted(secrets: readonly string[]) {
    const parts = {
      store: stores.keys,
      secrets: serverSecrets(secrets, clock),
      clock,
      longestSeconds: 300,
      row: 'self',
    }
    return createKeyring({ ...parts, algorithm: 'EdDSA', monotonic: clock })
  }

  async function state(secrets: readonly string[]): Promise<State> {
    const ring = restarted(secrets)
    const keys = await ring.list()
    const { epochs } = await stores.revocations.since(0, 1000)
    const { version = 0, sealed = '' } = (await stores.keys.load()) ?? {}
    const ended = epochs.filter(({ scope }) => scope === 'key').map(({ key }) => key)
    return { version, sealed, keys, signs: (await ring.signer()).kid ?? '', ended }
  }
}

/** What a process finds that starts after the kill. */
interface State {
  readonly version: number
  readonly sealed: string
  readonly keys: readonly KeyInfo[]
  readonly signs: string
  /** The keys whose end is in the log. */
  readonly ended: readonly string[]
}

const kidsOf = ({ keys }: State, state: KeyInfo['state']) =>
  keys.filter((key) => key.state === state).map(({ kid }) => kid)

/** One key signs, another is known to everybody, and what is dead does not sign. */
function whole(after: State): string[] {
  const { signs, ended } = after
  return [
    ...(kidsOf(after, 'active').join() === signs ? [] : ['the key that signs is not the active one']),
    ...(kidsOf(after, 'standby').length > 0 ? [] : ['there is no standby']),
    ...(ended.includes(signs) ? ['the key that signs is dead'] : []),
    ...after.keys.filter(({ kid = '' }) => ended.includes(kid)).map(({ kid }) => `${kid} is dead and in the ring`),
  ]
}

/** Done or undone, nothing in between, and no valid token refused for it. */
const judges: Record<Task, (before: State, after: State, isDone: boolean) => string[]> = {
  rotate: (before, after, isDone) => [
    ...(after.signs === before.signs ? [] : ['another key signs before its time']),
    ...before.keys.filter(({ kid }) => !after.keys.some((key) => key.kid === kid)).map(({ kid }) => `${kid} was lost`),
    ...(isDone === soon(after) < soon(before)
      ? []
      : ['the next key does not sign sooner, and should, or the other way']),
  ],
  emergency: (before, after, isDone) => [
    ...(isDone === after.ended.includes(before.signs) ? [] : ['the ring and the log do not say the same']),
    ...(isDone === (after.signs !== before.signs) ? [] : ['the dead key signs, or the living one does not']),
    ...(isDone && !kidsOf(before, 'standby').includes(after.signs) ? ['a key signs that nobody knew'] : []),
  ],
  reseal: (before, after) => [
    ...(after.sealed === before.sealed ? ['the restart did not complete it'] : []),
    ...(JSON.stringify(before.keys) === JSON.stringify(after.keys) ? [] : ['the keys are not the same']),
  ],
}

const soon = ({ keys }: State): number =>
  Math.min(...keys.flatMap(({ state, signFrom = 0 }) => (state === 'standby' ? signFrom : [])))

const isPostgres = (database: string) => database.startsWith('postgres:')
const named = (database: string) => (isPostgres(database) ? `${database}?application_name=mortal` : database)

/** PostgreSQL goes on with what a dead process sent: before it is through nobody knows what became of it. */
async function through(database: string): Promise<void> {
  if (!isPostgres(database)) return
  const client = new pg.Client(database)
  await client.connect()
  try {
    const mortals = () => client.query(`select from pg_stat_activity where application_name = 'mortal'`)
    for (const until = performance.now() + 20_000; (await mortals()).rowCount !== 0; await sleep(5))
      if (performance.now() > until) throw new Error('PostgreSQL holds on to the dead')
  } finally {
    await client.end()
  }
}

/** Answers whether it came to its end. */
async function live(given: object): Promise<boolean> {
  const child = fork(program, [JSON.stringify(given)], { execArgv: ['--no-warnings'] })
  let survived = false
  child.once('message', () => {
    survived = true
  })
  const [, signal] = await once(child, 'exit')
  if (!survived && signal !== 'SIGKILL') throw new Error('the process ended by itself')
  return survived
}
