/** Promises about deleting a user: the account first, then the sessions, and as often as it takes. */
import { expect, test } from 'vitest'
import type { NewAccount } from '../../src/stores/port.js'
import { createAccounts } from '../../src/users/accounts.js'
import { createThrottle } from '../../src/users/throttle.js'
import { account, countingHasher, fakeClock, outcome, recordedEvents, storeWith } from './fixtures.js'

async function start(...rows: NewAccount[]) {
  const store = await storeWith(...rows)
  const clock = fakeClock()
  const { events } = recordedEvents()
  const ended: unknown[] = []
  let fails = false
  /** What stood in the store when the sessions were ended. */
  const end = async (id: string, because: string) => {
    if (fails) throw new Error('the process died')
    ended.push({ id, because, there: (await store.findById(id)) !== undefined })
  }
  const parts = { store, hasher: countingHasher(), clock, throttle: createThrottle({ clock }), events, end }
  return { accounts: createAccounts(parts), ended, fail: (now: boolean) => (fails = now) }
}

test('the account goes first, then every session ends', async () => {
  const { accounts, ended } = await start(account('alice'))
  await accounts.remove('id-alice')
  expect(ended).toEqual([{ id: 'id-alice', because: 'deleted', there: false }])
  expect(await accounts.byUsername('alice')).toBeUndefined()
  expect((await accounts.create({ username: 'alice' })).id).not.toBe('id-alice')
})

test('whoever is gone is not found, and a deletion that died half-way is finished by the next', async () => {
  const { accounts, ended, fail } = await start(account('alice'))
  fail(true)
  await expect(accounts.remove('id-alice')).rejects.toThrow('died')
  fail(false)
  expect(await outcome(accounts.remove('id-alice'))).toBe('not_found')
  expect(ended).toEqual([{ id: 'id-alice', because: 'deleted', there: false }])
})

test('case 259: the last administrator stays, and no session of theirs ends', async () => {
  const { accounts, ended } = await start(account('root', { admin: true }), account('boss', { admin: true }))
  const all = await Promise.all(['id-root', 'id-boss'].map((id) => outcome(accounts.remove(id))))
  expect(all.sort()).toEqual(['conflict', 'ok'])
  expect(ended).toHaveLength(1)
})
