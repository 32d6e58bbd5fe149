/** Promises about strangers who make accounts: they are slowed down, and what is wrong costs them nothing. */
import { expect, test } from 'vitest'
import { createAccounts } from '../../src/users/accounts.js'
import { createThrottle } from '../../src/users/throttle.js'
import { countingHasher, fakeClock, outcome, recordedEvents, storeWith } from './fixtures.js'

async function start() {
  const clock = fakeClock()
  const hasher = countingHasher()
  const { events } = recordedEvents()
  const parts = { store: await storeWith(), hasher, clock, throttle: createThrottle({ clock }), events }
  const accounts = createAccounts({ ...parts, end: async () => {}, stale: async () => {} })
  const wish = (username: string, address?: string) =>
    outcome(accounts.register({ username, password: 'right horse' }, { address }))
  return { accounts, wish, clock }
}

test('many accounts from one address are slowed down, others and later ones are not, and bad input costs nothing', async () => {
  const { accounts, wish, clock } = await start()
  const address = '192.0.2.1'
  for (let n = 0; n < 200; n++) await outcome(accounts.register({ username: 'ann', password: '' }, { address }))
  for (let n = 0; n < 100; n++) expect(await wish(`stranger-${n}`, address)).toBe('ok')
  expect(await wish('stranger-100', address)).toBe('login_throttled')
  expect(await wish('stranger-100', '192.0.2.2')).toBe('ok')
  clock.now += 901
  expect(await wish('stranger-101', address)).toBe('ok')
})

test('whoever asks for one name again and again is told no more whether it is taken', async () => {
  const { wish } = await start()
  const all: unknown[] = []
  for (let n = 0; n < 12; n++) all.push(await wish('ann', `192.0.2.${n}`))
  expect(all).toEqual(['ok', ...Array(9).fill('conflict'), 'login_throttled', 'login_throttled'])
})
