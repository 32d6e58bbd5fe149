/** Promises of the feed: complete after every start, at once where it was written, and honest about what it does not know. */
import { describe, expect, test } from 'vitest'
import type { NewEpoch } from '../../src/stores/port.js'
import { over, START, session, world } from './fixtures.js'

const sessions = (count: number): NewEpoch[] => Array.from({ length: count }, (_, at) => session(`s${at}`))

describe('reading', () => {
  test('what another process wrote is known after the next read', async () => {
    const { process } = world()
    const [here, there] = [process(), process()]
    await here.feed.start()
    await there.feed.append([session('s1')], 'logout')
    expect(here.isDead('s1')).toBe(false)
    await here.feed.pull()
    expect(here.isDead('s1')).toBe(true)
    here.feed.stop()
  })

  test('a restart knows everything, however many pages that are', async () => {
    const { process, stores } = world()
    for (const part of [sessions(999), sessions(1_000), sessions(1_001), sessions(3_000)]) {
      await process().feed.append(part, 'revoked')
      const { feed, epochs } = process()
      await feed.start()
      expect(epochs.size).toBe(part.length)
      expect(feed.head).toBe(await stores.revocations.stamp())
      feed.stop()
    }
  })

  test('what is written between two pages is not lost', async () => {
    const { process, stores } = world()
    await stores.revocations.append(sessions(2_500), 'revoked')
    let pages = 0
    const log = over(stores, {
      since: async (after, limit) => {
        const read = await stores.revocations.since(after, limit)
        await stores.revocations.append([session(pages++ === 0 ? 's7' : `late${pages}`)], 'logout')
        return read
      },
    })
    const { feed, epochs } = process(log)
    await feed.start()
    await feed.pull()
    expect(epochs.size).toBe(2_502)
    feed.stop()
  })

  test('the version of the keyring comes with every read', async () => {
    const { process, stores } = world()
    const versions: number[] = []
    const { feed } = process(stores.revocations, { ring: (version) => versions.push(version) })
    await feed.pull()
    await stores.keys.save(0, 'sealed', [])
    await feed.pull()
    expect(versions).toEqual([0, 1])
  })

  test('freshness is when the last finished read began, not when it ended, and a failed one leaves it', async () => {
    const { process, clock, stores } = world()
    let down = false
    const log = over(stores, {
      since: async (after, limit) => {
        clock.now += 3
        if (down) throw new Error('connection refused')
        return stores.revocations.since(after, limit)
      },
    })
    const { feed } = process(log)
    expect(feed.freshAt).toBeUndefined()
    await feed.pull()
    expect(feed.freshAt).toEqual({ wall: START, monotonic: START })
    down = true
    await expect(feed.pull()).rejects.toThrow('connection refused')
    expect(feed.freshAt).toEqual({ wall: START, monotonic: START })
  })

  test('who asks during a read gets one that begins later, shared with all who ask meanwhile', async () => {
    const { process, stores } = world()
    let reads = 0
    const log = over(stores, {
      since: async (after, limit) => {
        reads++
        const read = await stores.revocations.since(after, limit)
        if (reads === 1) await stores.revocations.append([session('s1')], 'logout')
        return read
      },
    })
    const { feed, isDead } = process(log)
    const under = feed.pull()
    await Promise.all([feed.pull(), feed.pull(), feed.pull()])
    expect(isDead('s1')).toBe(true)
    expect(reads).toBe(2)
    await under
  })

  test('it goes on in the background, also after failures, until it is stopped', async () => {
    const { process, stores } = world()
    let reads = 0
    const failures: unknown[] = []
    await new Promise<void>((done) => {
      const log = over(stores, {
        since: async (after, limit) => {
          reads++
          if (reads === 2) throw new Error('connection refused')
          if (reads === 4) {
            feed.stop()
            done()
          }
          return stores.revocations.since(after, limit)
        },
      })
      const { feed } = process(log, { poll: 0.001, failed: (error) => failures.push(error) })
      void feed.start()
    })
    // Long enough for one more read, as another process counts the time.
    await new Promise<void>((done) => {
      let versions = 0
      const ring = () => {
        if (++versions < 4) return
        other.feed.stop()
        done()
      }
      const other = process(stores.revocations, { poll: 0.001, ring })
      void other.feed.start()
    })
    expect(failures).toHaveLength(1)
    expect(reads).toBe(4)
  })

  test('a store that does not answer at the start is an error of the start', async () => {
    const { process, stores } = world()
    const log = over(stores, { since: () => Promise.reject(new Error('connection refused')) })
    await expect(process(log).feed.start()).rejects.toThrow('connection refused')
  })

  test('what concerns no living token any more is forgotten along the way', async () => {
    const { process, clock } = world()
    const { feed, epochs } = process()
    await feed.append([session('s1'), session('s2', START + 9_000)], 'logout')
    clock.now += 481
    await feed.pull()
    expect(epochs.size).toBe(1)
  })
})

describe('writing', () => {
  test('this process knows at once, and the cursor does not jump over what others wrote before', async () => {
    const { process, clock } = world()
    const [here, there] = [process(), process()]
    await here.feed.start()
    await there.feed.append([session('s1')], 'logout')
    const { stamp, at } = await here.feed.append([session('s2'), { ...session('u3'), scope: 'user' }], 'logout')
    expect(at).toBe(clock.now)
    expect(here.isDead('s2')).toBe(true)
    const isOut = (rev: number) => here.epochs.verdict('self', { subject: 'u3', rev }) === 'dead'
    expect([isOut(stamp - 1), isOut(stamp)]).toEqual([true, false])
    await here.feed.pull()
    expect(here.isDead('s1')).toBe(true)
    here.feed.stop()
  })

  test('case 149: a write that failed is an error, and nobody is dead for it', async () => {
    const { process, stores } = world()
    const log = over(stores, { append: () => Promise.reject(new Error('connection refused')) })
    const { feed, isDead } = process(log)
    await expect(feed.append([session('s1')], 'logout')).rejects.toThrow('connection refused')
    expect(isDead('s1')).toBe(false)
  })

  test('a write whose answer was lost is known after the next read', async () => {
    const { process, stores } = world()
    const log = over(stores, {
      append: async (...args) => {
        await stores.revocations.append(...args)
        throw new Error('the connection was lost')
      },
    })
    const { feed, isDead } = process(log)
    await expect(feed.append([session('s1')], 'logout')).rejects.toThrow('lost')
    await feed.pull()
    expect(isDead('s1')).toBe(true)
  })

  test('the session to spare reaches the store', async () => {
    const { process, stores } = world()
    const spared: (string | undefined)[] = []
    const log = over(stores, {
      append: (what, because, spare) => {
        spared.push(spare)
        return stores.revocations.append(what, because, spare)
      },
    })
    await process(log).feed.append([{ scope: 'user', row: 'self', key: 'u', until: START }], 'password', 's1')
    expect(spared).toEqual(['s1'])
  })
})
