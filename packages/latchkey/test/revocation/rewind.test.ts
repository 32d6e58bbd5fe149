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
    clock.now += 400
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
