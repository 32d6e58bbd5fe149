/** The log of an issuer elsewhere: read to its end, never believed beyond its form, and no reason to forget what is known. */
import { describe, expect, test } from 'vitest'
import type { Asked } from '../../src/keys/fetch.js'
import { createEpochs } from '../../src/revocation/epochs.js'
import { createFeed } from '../../src/revocation/feed.js'
import { createRemoteLog, type RemoteToken } from '../../src/revocation/remote-log.js'
import { OWN_ROW } from '../../src/util/own-row.js'

const clock = () => 1_700_000_000
const epoch = (stamp: number, more: object = {}) => {
  return { scope: 'jti', row: OWN_ROW, key: `k-${stamp}`, stamp, until: 1_700_000_900, ...more }
}

/** A log whose pages a test writes, and what was asked of it. */
function logOf(pages: (after: number, limit: number) => unknown, token: RemoteToken = 'lk_secret') {
  const asked: { url: string; headers: Asked['headers'] }[] = []
  const fetchJson = async (url: string, _signal?: AbortSignal, { headers }: Asked = {}) => {
    asked.push({ url, headers })
    const { searchParams } = new URL(url)
    return { value: pages(Number(searchParams.get('after')), Number(searchParams.get('limit'))), maxAge: undefined }
  }
  const url = 'https://login.example.com/auth/revocations'
  return { log: createRemoteLog({ url, token, fetchJson, clock }), asked }
}

test('a page is asked for with the token, and what concerns other rows is left out', async () => {
  const { log, asked } = logOf(() => ({ epochs: [epoch(3), epoch(4, { row: 'company' })], head: 9, now: 5 }))
  expect(await log.since(2, 1_000)).toEqual({ epochs: [epoch(3)], head: 9, ring: 0, now: 5 })
  expect(asked).toEqual([
    {
      url: 'https://login.example.com/auth/revocations?after=2&limit=1000',
      headers: { authorization: 'Bearer lk_secret' },
    },
  ])
})

test('pages are read until there is no next, or enough', async () => {
  const pages = (after: number) => ({
    epochs: [epoch(after + 1)],
    head: 5,
    now: 5,
    ...(after < 4 && { next: after + 1 }),
  })
  const all = logOf(pages)
  expect((await all.log.since(0, 1_000)).epochs.map(({ stamp }) => stamp)).toEqual([1, 2, 3, 4, 5])
  const some = logOf(pages)
  expect((await some.log.since(0, 2)).epochs.map(({ stamp }) => stamp)).toEqual([1, 2])
})

const good = { epochs: [], head: 1, now: 1 }
test.each<[string, unknown]>([
  ['nothing', null],
  ['a list', []],
  ['no epochs', { head: 1, now: 1 }],
  ['no head', { epochs: [], now: 1 }],
  ['a head that is no stamp', { ...good, head: -1 }],
  ['a next page that is this one', { ...good, next: 0 }],
  ['a next page that is none', { ...good, next: '7' }],
  ['a scope that there is not', { ...good, epochs: [epoch(1, { scope: 'world' })] }],
  ['a key that is no text', { ...good, epochs: [epoch(1, { key: 7 })] }],
  ['a stamp that is none', { ...good, epochs: [epoch(1, { stamp: 1.5 })] }],
  ['no end', { ...good, epochs: [epoch(1, { until: null })] }],
])('a page with %s is none', async (_name, page) => {
  await expect(logOf(() => page).log.since(0, 1_000)).rejects.toMatchObject({ code: 'store_failed', status: 503 })
})

test('a token that cannot be had is a fault that names no token', async () => {
  const { log } = logOf(
    () => good,
    () => Promise.reject(new Error('the vault is sealed')),
  )
  await expect(log.since(0, 1)).rejects.toMatchObject({ code: 'store_failed', hint: expect.stringContaining('sealed') })
})

describe('a log that went back', () => {
  test('is read anew, and what was known stays known', async () => {
    let head = 10
    const { log, asked } = logOf((after) => ({
      epochs: head === 10 ? [epoch(10)].filter(({ stamp }) => stamp > after) : [],
      head,
      now: 5,
    }))
    const epochs = createEpochs({ clock })
    let rewound = 0
    const feed = createFeed({ log, epochs, clock, rewound: () => rewound++ })
    await feed.pull()
    const token = { subject: 'u-1', jti: 'k-10', rev: 9 }
    expect(epochs.verdict(OWN_ROW, token)).toBe('dead')
    head = 4
    await feed.pull()
    expect([rewound, epochs.verdict(OWN_ROW, token), feed.head]).toEqual([1, 'dead', 4])
    const before = asked.length
    await feed.pull()
    expect([rewound, asked.length - before]).toEqual([1, 1])
  })
})
