/** Case 236 over several processes, by the clock on the wall: a stolen key is dead within its time, and every session goes on. */
import { decodeProtectedHeader } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import type { KeyInfo } from '../../../src/keys/keyring.js'
import { count } from '../../count.js'
import { postgresDatabase } from '../../services/postgres.js'
import { isLong, type Pair, type Refused, type Replica, sqliteFile, withFleet } from './fleet.js'

const HERE_MILLISECONDS = 1_000
const FLEET_MILLISECONDS = 5_000
const ROUNDS = isLong ? 20 : 1

let remove = () => {}
afterEach(() => remove())

function sqlite(): string {
  const file = sqliteFile()
  remove = file.remove
  return file.url
}

const stores = [
  { store: 'SQLite', databaseOf: async () => sqlite() },
  { store: 'PostgreSQL', databaseOf: () => postgresDatabase('fleet_emergency') },
]

/** By name: ends the key that signs, on this replica. */
const endings: Record<string, (replica: Replica) => Promise<unknown>> = {
  'rotate --emergency': ({ ask }) => ask('rotate', true),
  'revoke({ key })': async ({ ask }) => {
    const keys = await ask<readonly KeyInfo[]>('list')
    return ask('revoke', keys.find(({ state }) => state === 'active')?.kid)
  },
}

/** Milliseconds until a replica refuses all of them; `undefined` if it does not in time. Sessions are refreshed meanwhile, as they would be. */
async function refusal({ ask }: Replica, tokens: readonly string[], session: Pair, patience: number) {
  const began = performance.now()
  let { refresh } = session
  while (performance.now() - began < patience) {
    const asked = performance.now() - began
    if ((await ask<Refused[]>('refused', tokens)).length === tokens.length) return { milliseconds: asked, refresh }
    refresh = (await ask<Pair>('refresh', refresh)).refresh
  }
  return { milliseconds: undefined, refresh }
}

const accessOf = (pairs: readonly Pair[]): string[] => pairs.map(({ access }) => access)
const kidOf = (token: string) => decodeProtectedHeader(token).kid

/** Ends the key on the first replica and judges all of them; answers the longest that one took, in milliseconds. */
async function strike(fleet: readonly Replica[], end: (replica: Replica) => Promise<unknown>): Promise<number> {
  const [first] = fleet as [Replica]
  const pairs = await Promise.all(fleet.map(({ ask }) => ask<Pair>('issue', 'alice')))
  const tokens = accessOf(pairs)
  for (const { ask } of fleet) expect(await ask('refused', tokens)).toEqual([])
  await end(first)
  const here = performance.now()
  expect(await first.ask('refused', tokens)).toHaveLength(tokens.length)
  expect(performance.now() - here).toBeLessThan(HERE_MILLISECONDS)
  const waits = await Promise.all(
    fleet.map((replica, index) => refusal(replica, tokens, pairs[index] as Pair, FLEET_MILLISECONDS)),
  )
  for (const { milliseconds } of waits) expect(milliseconds).toBeDefined()
  // Wherever a session is refreshed now, its new token is good everywhere, and signed by another key.
  const again = await Promise.all(waits.map(({ refresh }, index) => at(fleet, index + 1).ask<Pair>('refresh', refresh)))
  for (const token of accessOf(again)) expect(kidOf(token)).not.toBe(kidOf(tokens[0] as string))
  for (const { ask } of fleet) expect(await ask('refused', accessOf(again))).toEqual([])
  return Math.max(...waits.map(({ milliseconds = 0 }) => milliseconds))
}

const at = (fleet: readonly Replica[], index: number): Replica => fleet[index % fleet.length] as Replica

for (const { store, databaseOf } of stores) {
  test(`on ${store} three processes refuse what a stolen key signed, and refresh every session with the next`, {
    timeout: 60_000 * ROUNDS,
  }, async () => {
    const database = await databaseOf()
    await withFleet([{ database }, { database }, { database }], async (fleet) => {
      await at(fleet, 0).ask('user', 'alice')
      for (const [name, end] of Object.entries(endings)) {
        const waits: number[] = []
        for (let round = 0; round < ROUNDS; round++) waits.push(await strike(fleet, end))
        const longest = Math.max(...waits)
        count(`${name} on ${store}: milliseconds until three processes refuse the key`, Math.round(longest))
      }
    })
  })
}

describe('the judge finds', () => {
  test('a process that does not hear of it', { timeout: 60_000 }, async () => {
    const database = sqlite()
    await withFleet([{ database }, { database, variant: 'deaf' }], async (fleet) => {
      await at(fleet, 0).ask('user', 'alice')
      const session = await at(fleet, 0).ask<Pair>('issue', 'alice')
      await at(fleet, 0).ask('rotate', true)
      const deaf = await refusal(at(fleet, 1), [session.access], session, 2_000)
      expect(deaf.milliseconds).toBeUndefined()
      count('faulty keyrings caught', 1)
    })
  })
})
