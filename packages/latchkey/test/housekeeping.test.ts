/** Promises about housekeeping: what ended is deleted a day later, in small steps, and nothing else is. */
import { expect, test } from 'vitest'
import { createHousekeeping } from '../src/housekeeping.js'
import { epochOf, sessionAt, tokenOf } from '../src/stores/conformance/kit.js'
import { memoryStores } from '../src/stores/memory.js'

const NOW = 1_800_000_000
const DAY = 86_400

function start() {
  const clock = { now: NOW }
  const stores = memoryStores({ clock: () => clock.now })
  const never = (error: unknown) => expect.unreachable(String(error))
  return { clock, stores, housekeeping: createHousekeeping(stores, () => clock.now, never) }
}

test('sessions, epochs and API tokens stay a day after their end, and go in steps of 100', async () => {
  const { clock, stores, housekeeping } = start()
  await stores.sessions.create(sessionAt(NOW, { expiresAt: NOW + 10 }), 9)
  await stores.revocations.append([epochOf('user', 'u9', { until: NOW + 10 })], 'revoked')
  for (let n = 0; n < 450; n++) await stores.apiTokens.create(tokenOf(`t${n}`, { expiresAt: NOW + 10 }))
  await stores.apiTokens.create(tokenOf('revoked', { revokedAt: NOW + 10 }))
  await stores.apiTokens.create(tokenOf('living', { expiresAt: NOW + 11 }))
  clock.now = NOW + DAY + 10
  expect(await housekeeping.prune()).toEqual({ sessions: 0, epochs: 0, apiTokens: 0 })
  clock.now += 1
  const steps: number[] = []
  expect(await housekeeping.prune((done) => void steps.push(done))).toEqual({ sessions: 1, epochs: 1, apiTokens: 451 })
  expect(steps).toEqual([1, 2, 102, 202, 302, 402, 453])
  expect(await stores.apiTokens.list({}, '', 9)).toMatchObject([{ id: 'living' }])
})
