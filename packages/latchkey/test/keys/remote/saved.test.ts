/** Promises of the last good set in the store: it carries a start through an outage, and nobody else can put keys there. */
import { expect, test } from 'vitest'
import { codeOf, NEWER, SECRET } from '../fixtures.js'
import { down, fakeStore, later, named, remote, saved, setOf } from './kit.js'

const a = named('a')
const b = named('b')

/** A store in which a process left the keys of an issuer. */
async function left() {
  const store = fakeStore()
  const first = remote(() => setOf(a, b), { saved: saved(store) })
  await first.keys.refresh()
  await first.keys.close()
  first.fetch.answer = down
  return { ...first, store }
}

test('a process that starts during an outage knows the keys of the one before it', async () => {
  const { again, clock } = await left()
  clock.now += 1_000
  const { keys, fetch } = again()
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a', alg: 'ES256' })
  expect(fetch.urls).toHaveLength(1)
  expect(keys.state()).toMatchObject({ fetchedAt: clock.now - 1_000, lastError: expect.stringMatching(/ECONNREFUSED/) })
})

test('a thousand tokens at a start from the store are one request, and none while the set is fresh', async () => {
  const { again, clock } = await left()
  const fresh = again()
  await Promise.all(Array.from({ length: 1_000 }, () => fresh.keys.find('a', 'ES256')))
  expect(fresh.fetch.urls).toHaveLength(0)
  clock.now += 1_000
  const old = again()
  await Promise.all(Array.from({ length: 1_000 }, () => old.keys.find('a', 'ES256')))
  expect(old.fetch.urls).toHaveLength(1)
})

test('a saved set is as old as it is: beyond its time and the hour after it, it is nothing', async () => {
  const { again, clock } = await left()
  clock.now += 600 + 3_600 - 1
  expect(await again().keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  clock.now += 1
  expect(await codeOf(() => again().keys.find('a', 'ES256'))).toBe('issuer_unreachable')
})

test('an older set than the issuer has now is not used where the issuer can be asked', async () => {
  const { again, fetch, clock } = await left()
  fetch.answer = () => setOf(b)
  clock.now += 600
  expect(await again().keys.find('a', 'ES256')).toBeUndefined()
})

const tampering: readonly [string, (text: string) => string][] = [
  ['another letter in the keys', (text) => text.replace('"kid":"a"', '"kid":"c"')],
  ['a younger date', (text) => text.replace(/"at":\d+/, '"at":1800000001')],
  ['a longer life', (text) => text.replace(/"maxAge":\d+/, '"maxAge":9999')],
  ['no MAC', (text) => text.slice(text.indexOf('{'))],
  ['an empty MAC', (text) => `1  ${text.slice(text.indexOf('{'))}`],
  ['the MAC of a secret that nobody has', (text) => text.replace(/^1 [\w-]+\./, '1 AAAAAAAAAAAA.')],
  ['nothing', () => ''],
  ['something else', () => '{"keys":[]}'],
]

test.each(tampering)('a saved set with %s is ignored', async (_, change) => {
  const { again, store } = await left()
  const { text, at } = store.rows.get('login') ?? { text: '', at: 0 }
  store.rows.set('login', { text: change(text), at })
  expect(change(text)).not.toBe(text)
  expect(await codeOf(() => again().keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  // The judge can fail: as it was, the text is taken.
  store.rows.set('login', { text, at })
  expect(await again().keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
})

const elsewhere = {
  'another row': { row: 'other' },
  'another issuer': { issuer: 'https://other.example' },
  'another source': { source: { jwksUrl: 'https://other.example/keys' } },
} as const

test.each(Object.entries(elsewhere))('a set that was saved for %s proves nothing here', async (_, parts) => {
  const { again, store } = await left()
  const [document] = [...store.rows.values()]
  if (document) store.rows.set('other', document)
  expect(await codeOf(() => again(parts).keys.find('a', 'ES256'))).toBe('issuer_unreachable')
})

test('a set that was saved under a server secret which is gone is ignored', async () => {
  const { again, store } = await left()
  expect(await codeOf(() => again({ saved: saved(store, NEWER) }).keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  expect(await again({ saved: saved(store, SECRET) }).keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
})

test('a set from a clock that ran ahead is not young for ever', async () => {
  const { again, clock } = await left()
  clock.now -= 301
  expect(await codeOf(() => again().keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  clock.now += 1
  expect(await again().keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
})

test('algorithms that the row pins no longer are not brought back by a saved set', async () => {
  const { again } = await left()
  const { keys, reports } = again({ algorithms: ['RS256'] })
  expect(keys.find('a', 'ES256')).toBeUndefined()
  expect(await codeOf(() => keys.find('a', 'RS256'))).toBe('issuer_unreachable')
  expect(reports[0]).toMatch(/saved keys cannot be read/)
})

test('a purge leaves nothing in the store that a new process would believe', async () => {
  const store = fakeStore()
  const { keys, again, fetch } = remote(() => setOf(a), { saved: saved(store) })
  await keys.refresh()
  await keys.purge()
  fetch.answer = down
  expect(await codeOf(() => again().keys.find('a', 'ES256'))).toBe('issuer_unreachable')
})

test('a purge while the saved set is being read does not let it in', async () => {
  const store = fakeStore()
  const first = remote(() => setOf(a), { saved: saved(store) })
  await first.keys.refresh()
  const gate = later<void>()
  const slow = { ...store, load: (row: string) => gate.promise.then(() => store.load(row)) }
  const { keys, fetch } = first.again({ saved: saved(slow) })
  fetch.answer = () => setOf(b)
  const document = store.rows.get('login')
  const waiting = keys.find('a', 'ES256')
  await keys.purge()
  if (document) store.rows.set('login', document)
  gate.resolve()
  expect(await waiting).toBeUndefined()
  expect(await keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test('a store that is away is reported, and costs no token anything', async () => {
  const store = fakeStore()
  store.isDown = true
  const { keys, reports } = remote(() => setOf(a), { saved: saved(store) })
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  await keys.close()
  expect(reports).toEqual([
    'issuer login: its saved keys cannot be read: the store is away',
    'issuer login: its keys cannot be saved: the store is away',
  ])
})

test('no private key and no secret is ever written to the store', async () => {
  const { store } = await left()
  expect([...store.rows.values()].map(({ text }) => text).join()).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/)
})
