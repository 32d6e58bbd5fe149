/** Promises of the first start: one code for all, good once, and no default account. */
import { describe, expect, test } from 'vitest'
import type { AccountStore } from '../../src/stores/port.js'
import { createAccounts } from '../../src/users/accounts.js'
import { createBootstrap } from '../../src/users/bootstrap.js'
import { checkNewPassword } from '../../src/users/policy.js'
import { createThrottle } from '../../src/users/throttle.js'
import { account, countingHasher, fakeClock, outcome, recordedEvents, storeWith } from './fixtures.js'

const root = { username: 'Root', password: 'right horse' }

function processOn(store: AccountStore, secret = 'secret', clock = fakeClock()) {
  const hasher = countingHasher()
  const { events } = recordedEvents()
  const bootstrap = createBootstrap({ store, subkey: Buffer.from(secret), hasher, clock, events })
  const throttle = createThrottle({ clock })
  const accounts = createAccounts({ store, hasher, clock, throttle, events, end: async () => {} })
  return { bootstrap, accounts, hasher, clock }
}

const codeFrom = async (bootstrap: ReturnType<typeof processOn>['bootstrap']) => (await bootstrap.offer())?.code ?? ''

describe('case 255: the first administrator', () => {
  test('a fresh store has no account; the code makes one administrator and is gone', async () => {
    const store = await storeWith()
    const { bootstrap } = processOn(store)
    expect(await store.list('', 10)).toEqual([])
    const code = await codeFrom(bootstrap)
    const made = await bootstrap.claim({ ...root, code })
    expect(made).toMatchObject({ username: 'root', admin: true, active: true })
    expect(made).not.toHaveProperty('passwordHash')
    expect(await bootstrap.offer()).toBeUndefined()
    expect(await outcome(bootstrap.claim({ ...root, username: 'second', code }))).toBe('not_found')
    expect(await store.list('', 10)).toEqual([made])
  })

  test('every process and restart prints the same code, another secret another', async () => {
    const store = await storeWith()
    const codes = await Promise.all(Array.from({ length: 4 }, () => codeFrom(processOn(store).bootstrap)))
    expect(new Set(codes).size).toBe(1)
    expect(codes[0]).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(await codeFrom(processOn(store, 'other').bootstrap)).not.toBe(codes[0])
    expect(await codeFrom(processOn(await storeWith()).bootstrap)).not.toBe(codes[0])
  })

  test('of ten who claim at once one gets it', async () => {
    const store = await storeWith()
    const processes = Array.from({ length: 10 }, () => processOn(store).bootstrap)
    const code = await codeFrom(processOn(store).bootstrap)
    const all = await Promise.all(
      processes.map((one, i) => outcome(one.claim({ ...root, username: `root${i}`, code }))),
    )
    expect(all.filter((one) => one === 'ok')).toHaveLength(1)
    expect(all.filter((one) => one === 'not_found')).toHaveLength(9)
  })

  test.each([
    ['in lower case', (code: string) => code.toLowerCase()],
    ['without hyphens', (code: string) => code.replaceAll('-', '')],
    ['with spaces', (code: string) => ` ${code.replaceAll('-', ' ')} `],
    ['with O for 0 and l for 1', (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'l')],
  ])('the code may be typed %s', async (_, typed) => {
    const { bootstrap } = processOn(await storeWith())
    expect(await outcome(bootstrap.claim({ ...root, code: typed(await codeFrom(bootstrap)) }))).toBe('ok')
  })

  test('a password or a name that is refused does not use it up', async () => {
    const { bootstrap, hasher } = processOn(await storeWith(account('taken')))
    const code = await codeFrom(bootstrap)
    expect(await outcome(bootstrap.claim({ ...root, password: 'short', code }))).toBe('request_invalid')
    expect(await outcome(bootstrap.claim({ username: 'root', code } as never))).toBe('request_invalid')
    expect(await outcome(bootstrap.claim({ ...root, username: 'a b', code }))).toBe('request_invalid')
    expect(hasher.hashed).toBe(0)
    expect(await outcome(bootstrap.claim({ ...root, username: 'taken', code }))).toBe('conflict')
    expect(await outcome(bootstrap.claim({ ...root, code }))).toBe('ok')
  })

  test.each(['', 'AAAA-AAAA-AAAA-AAAA', 'x'.repeat(100_000), undefined, null, 1, {}])(
    '%j is a wrong code, and is not hashed for',
    async (code) => {
      const { bootstrap, hasher } = processOn(await storeWith())
      expect(await outcome(bootstrap.claim({ ...root, code } as never))).toBe('permission_denied')
      expect(hasher.hashed).toBe(0)
    },
  )

  test('after ten wrong codes in 15 minutes the right one waits as well', async () => {
    const { bootstrap, clock } = processOn(await storeWith())
    const code = await codeFrom(bootstrap)
    const all = await Promise.all(
      Array.from({ length: 20 }, () => outcome(bootstrap.claim({ ...root, code: 'wrong' }))),
    )
    expect(all.filter((one) => one === 'permission_denied')).toHaveLength(10)
    await expect(bootstrap.claim({ ...root, code })).rejects.toMatchObject({ code: 'login_throttled', retryAfter: 900 })
    clock.now += 900
    expect(await outcome(bootstrap.claim({ ...root, code }))).toBe('ok')
  })
})

describe('the code is no way in for ever', () => {
  test('an administrator made on the command line uses it up, an ordinary user does not', async () => {
    const { bootstrap, accounts } = processOn(await storeWith())
    const code = await codeFrom(bootstrap)
    await accounts.create({ username: 'alice', password: 'right horse' })
    expect(await codeFrom(bootstrap)).toBe(code)
    await accounts.create({ username: 'root', password: 'right horse', admin: true })
    expect(await bootstrap.offer()).toBeUndefined()
    expect(await outcome(bootstrap.claim({ ...root, username: 'mallory', code }))).toBe('not_found')
    await accounts.create({ username: 'second', password: 'right horse', admin: true })
    expect((await accounts.byUsername('second'))?.admin).toBe(true)
  })

  test('an administrator whose name is taken is a conflict and leaves the code', async () => {
    const { bootstrap, accounts } = processOn(await storeWith(account('root')))
    expect(await outcome(accounts.create({ username: 'root', admin: true }))).toBe('conflict')
    expect(await codeFrom(bootstrap)).not.toBe('')
  })
})

test('the suggested password is the same at every start, good enough, and not the code', async () => {
  const store = await storeWith()
  const suggested = await processOn(store).bootstrap.suggestedPassword()
  expect(await processOn(store).bootstrap.suggestedPassword()).toBe(suggested)
  expect(suggested).toMatch(/^(?:[0-9a-z]{5}-){3}[0-9a-z]{5}$/)
  expect(checkNewPassword(suggested, {})).toEqual([])
  expect(await processOn(store, 'other').bootstrap.suggestedPassword()).not.toBe(suggested)
})
