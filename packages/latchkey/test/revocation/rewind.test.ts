/** Promises of the feed when the database is older than what this process knows. */
import { describe, expect, test } from 'vitest'
import { memoryStores } from '../../src/stores/memory.js'
import type { RevocationLog, Stores } from '../../src/stores/port.js'
import { over, session, world } from './fixtures.js'

describe('a backup that came back', () => {
  /** A log that a test can exchange for an older one behind the back of those who read it. */
  function restorable(stores: Stores) {
    let current = stores.revocations
    const log: RevocationLog = {
      stamp: () => current.stamp(),
      append: (...args) => current.append(...args),
      since: (...args) => current.since(...args),
      prune: (...args) => current.prune(...args),
    }
    return { log, restore: (older: Stores) => (current = older.revocations) }
  }

  test('is told again what it lost, and only that, before it is believed', async () => {
    const { clock, stores, process } = world()
    const older = memoryStores({ clock })
    for (const store of [stores, older]) await store.revocations.append([session('kept')], 'logout')
    const { log, restore } = restorable(stores)
    let rewound = 0
    const { feed, isDead } = process(log, { rewound: () => rewound++ })
    clock.now += 10
    await feed.append([session('s1'), session('s2')], 'logout')
    await feed.pull()
    restore(older)
    await feed.pull()
    expect(rewound).toBe(1)
    const { epochs } = await older.revocations.since(0, 10)
    expect(epochs.map(({ key }) => key)).toEqual(['kept', 's1', 's2'])
    expect(feed.head).toBe(await older.revocations.stamp())
    await feed.pull()
    expect(rewound).toBe(1)
    const other = process(log)
    await other.feed.pull()
    expect(isDead('s1') && other.isDead('s1') && other.isDead('kept')).toBe(true)
  })

  test('that lost nothing of importance is noticed too', async () => {
    const { clock, stores, process } = world()
    const { log, restore } = restorable(stores)
    let rewound = 0
    const { feed, epochs } = process(log, { rewound: () => rewound++ })
    await feed.append([session('s1')], 'logout')
    clock.now += 500
    await feed.pull()
    expect(epochs.size).toBe(0)
    restore(memoryStores({ clock }))
    await feed.pull()
    expect([rewound, feed.head]).toEqual([1, 0])
  })

  test('is noticed also when what it lost was written here a moment ago', async () => {
    const { clock, stores, process } = world()
    const older = memoryStores({ clock })
    const { log, restore } = restorable(stores)
    const { feed } = process(log)
    await feed.pull()
    await feed.append([session('s1')], 'logout')
    restore(older)
    await feed.pull()
    expect((await older.revocations.since(0, 10)).epochs.map(({ key }) => key)).toEqual(['s1'])
  })

  test('is noticed although others have written more since than it lost', async () => {
    const { clock, stores, process } = world()
    const older = memoryStores({ clock })
    for (const store of [stores, older]) await store.revocations.append([session('kept')], 'logout')
    const { log, restore } = restorable(stores)
    let rewound = 0
    const [here, there] = [process(log, { rewound: () => rewound++ }), process(log)]
    await here.feed.append([session('lost'), { ...session('u1'), scope: 'user' }], 'logout')
    await there.feed.pull()
    clock.now += 10
    restore(older)
    // The process that writes first has not looked either.
    await there.feed.append([session('new')], 'logout')
    await here.feed.pull()
    expect(rewound).toBe(1)
    const { epochs } = await older.revocations.since(0, 10)
    expect(epochs.map(({ key }) => key)).toEqual(['kept', 'new', 'lost', 'u1'])
    await there.feed.pull()
    expect(here.isDead('new') && there.isDead('lost')).toBe(true)
    await here.feed.pull()
    expect(rewound).toBe(1)
  })

  test('is noticed over many pages, and what was there before it is not told as if it were new', async () => {
    const { clock, stores, process } = world()
    const older = memoryStores({ clock })
    const users = Array.from({ length: 1_500 }, (_, at) => ({ ...session(`u${at}`), scope: 'user' as const }))
    for (const store of [stores, older]) await store.revocations.append(users, 'logout')
    const { log, restore } = restorable(stores)
    let rewound = 0
    const { feed, epochs } = process(log, { rewound: () => rewound++ })
    await feed.pull()
    await feed.append([session('lost')], 'logout')
    const { stamp } = await older.revocations.append(
      Array.from({ length: 1_500 }, (_, at) => session(`new${at}`)),
      'logout',
    )
    restore(older)
    await feed.pull()
    expect([rewound, epochs.size]).toEqual([1, 3_001])
    const told = (await older.revocations.since(stamp, 9_000)).epochs
    expect(told.map(({ key }) => key)).toContain('lost')
    // A user's end that is told again would end the logins since.
    expect(told.filter(({ scope }) => scope === 'user')).toEqual([])
  })

  test('is not suspected when the latest epoch was raised once more, by whatever name, or is long over', async () => {
    const { clock, stores, process } = world()
    let rewound = 0
    const { feed } = process(stores.revocations, { rewound: () => rewound++ })
    const everybody = { ...session(''), scope: 'everybody' as const }
    for (const key of ['a', 'b']) await feed.append([{ ...everybody, key }], 'revoked')
    await stores.revocations.append([{ ...everybody, key: 'c' }], 'revoked')
    await feed.pull()
    await feed.pull()
    clock.now += 500
    await stores.revocations.prune(clock.now, 10)
    await feed.pull()
    expect(rewound).toBe(0)
  })

  test('is not suspected when something is written here during a read', async () => {
    const { stores, process } = world()
    let rewound = 0
    const log = over(stores, {
      since: async (after, limit) => {
        const read = await stores.revocations.since(after, limit)
        await feed.append([session('s1')], 'logout')
        return read
      },
    })
    const { feed, isDead } = process(log, { rewound: () => rewound++ })
    await feed.pull()
    expect([rewound, isDead('s1')]).toEqual([0, true])
  })

  test('that cannot be written is tried again at the next read', async () => {
    const { clock, stores, process } = world()
    const older = memoryStores({ clock })
    const { log, restore } = restorable(stores)
    let rewound = 0
    const { feed } = process(log, { rewound: () => rewound++ })
    await feed.append([session('s1')], 'logout')
    await feed.pull()
    const broken = over(older, { append: () => Promise.reject(new Error('read only')) })
    restore({ ...older, revocations: broken })
    await expect(feed.pull()).rejects.toThrow('read only')
    restore(older)
    await feed.pull()
    expect(rewound).toBe(1)
    expect((await older.revocations.since(0, 10)).epochs.map(({ key }) => key)).toEqual(['s1'])
  })
})
