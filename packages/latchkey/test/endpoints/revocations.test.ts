/** What services elsewhere may read of revocations: pages of the log, and a stream that says when there is news. */
import { afterEach, describe, expect, test } from 'vitest'
import { createNews, type Listening } from '../../src/endpoints/news.js'
import { createRevocationReading } from '../../src/endpoints/revocations.js'
import { memoryStores } from '../../src/stores/memory.js'
import { API_TOKEN_ROW, OWN_ROW } from '../../src/util/own-row.js'
import { type Kit, signedIn } from '../auth-kit.js'

let kit: Kit
afterEach(() => kit.auth.close())

/** Somebody who may read, and alice, who may not. */
async function reading(options: Parameters<typeof signedIn>[0] = {}) {
  kit = await signedIn(options)
  const reader = await kit.auth.users.create({ username: 'reports', permissions: ['revocations:read'] })
  const { access } = await kit.auth.tokens.issue(reader)
  const read = (query = '', headers = {}) => kit.call('GET', `/auth/revocations${query}`, { token: access, headers })
  return { ...kit, reader, read, access }
}

describe('pages', () => {
  test('tell what ended after a stamp, in order, with where the log stands', async () => {
    const { auth, user, read } = await reading()
    const before = (await read()).body
    expect(before).toEqual({ epochs: [], head: expect.any(Number), now: expect.any(Number) })
    await auth.revoke({ jti: 'one' })
    await auth.revoke({ user: user.id })
    const { body, headers } = await read(`?after=${before.head}`)
    expect(body.epochs).toMatchObject([
      { scope: 'jti', row: OWN_ROW, key: 'one', stamp: expect.any(Number), until: expect.any(Number) },
      { scope: 'user', row: OWN_ROW, key: user.id },
    ])
    expect(body.head).toBe(body.epochs[1].stamp)
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await read(`?after=${body.head}`)).body.epochs).toEqual([])
  })

  test('are as long as asked for, and a full one says where to go on', async () => {
    const { auth, read } = await reading()
    for (const jti of ['one', 'two', 'three']) await auth.revoke({ jti })
    const keys: string[] = []
    let next: number | undefined = 0
    let pages = 0
    for (; next !== undefined && pages < 5; pages++) {
      const { body } = await read(`?after=${next}&limit=2`)
      keys.push(...body.epochs.map(({ key }: { key: string }) => key))
      next = body.next
    }
    expect([keys, pages]).toEqual([['one', 'two', 'three'], 2])
  })

  test('leave out what concerns other rows, and go on behind it', async () => {
    const stores = memoryStores({ clock: () => 1_700_000_000 })
    const { read } = await reading({ database: stores })
    const until = 1_700_000_900
    const rows = ['company', OWN_ROW, API_TOKEN_ROW, 'company', OWN_ROW]
    await stores.revocations.append(
      rows.map((row, at) => ({ scope: 'jti', row, key: `k-${at}`, until })),
      'revoked',
    )
    const pages: string[][] = []
    for (let next: number | undefined = 0; next !== undefined; ) {
      const { body } = await read(`?after=${next}&limit=2`)
      pages.push(body.epochs.map(({ key }: { key: string }) => key))
      next = body.next
    }
    expect(pages).toEqual([['k-1'], [], ['k-4']])
  })

  test.each([
    ['a stranger', undefined, 401, 'credential_missing'],
    ['a user without the permission', 'alice', 403, 'permission_denied'],
  ])('%s reads nothing', async (_name, who, status, code) => {
    const { tokens } = await reading()
    for (const path of ['/auth/revocations', '/auth/revocations/stream']) {
      const answer = await kit.call('GET', path, { token: who && tokens.access_token })
      expect([path, answer.status, answer.body.code]).toEqual([path, status, code])
    }
  })

  test.each(['after=-1', 'after=x', 'after=1e3', 'after=99999999999999999', 'after=1&after=2', 'limit=', 'after=1.5'])(
    '%s is refused for what it is',
    async (query) => {
      const { read } = await reading()
      const { status, body } = await read(`?${query}`)
      expect([status, body.code, body.problems[0].path]).toEqual([422, 'request_invalid', query.split('=')[0]])
    },
  )

  test('other parameters are nobody´s business', async () => {
    const { read } = await reading()
    expect((await read('?utm_source=mail')).status).toBe(200)
  })
})

describe('the stream', () => {
  const peer = { address: undefined }

  async function opened(query = '', headers: Record<string, string> = {}) {
    const kit = await reading()
    const request = new Request(`http://localhost/auth/revocations/stream${query}`, {
      headers: { authorization: `Bearer ${kit.access}`, ...headers },
    })
    const response = await kit.auth.handle(request, peer)
    return { ...kit, response, listener: listener(response?.body as ReadableStream<Uint8Array>) }
  }

  test('is a stream of events that nothing keeps', async () => {
    const { response, listener } = await opened()
    expect([response?.status, response?.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(response?.headers.get('cache-control')).toBe('no-store')
    await listener.stop()
  })

  test('says at once where the log stands, and then whenever it moved', async () => {
    const { auth, listener } = await opened()
    const first = await listener.id()
    await auth.revoke({ jti: 'one' })
    expect(await listener.id()).toBeGreaterThan(first)
    await listener.stop()
  })

  test('who says what they have read is told only what is new', async () => {
    kit = await signedIn()
    const head = 7
    const news = createNews({ feed: feedAt(head), clock: () => 0, heartbeatSeconds: 3_600 })
    const known = listener(news.open({ after: head, until: 1, isAllowed: async () => true }))
    const behind = listener(news.open({ after: head - 1, until: 1, isAllowed: async () => true }))
    const ahead = listener(news.open({ after: head + 1, until: 1, isAllowed: async () => true }))
    expect([await behind.id(), await ahead.id()]).toEqual([head, head])
    news.close()
    await expect(known.id()).rejects.toThrow('over')
  })

  test('is over for a caller whose token is revoked, or who lost the permission', async () => {
    const { auth, reader, access } = await reading()
    const asked: Listening[] = []
    const open = (one: Listening) => {
      asked.push(one)
      return new ReadableStream<Uint8Array>()
    }
    const { revocationNews } = createRevocationReading({
      log: { since: () => Promise.reject(new Error('not asked')) },
      news: { open, close: () => {} },
      authenticate: auth.authenticate,
    })
    const token = { now: access }
    const header = (name: string) => (name === 'authorization' ? `Bearer ${token.now}` : undefined)
    const head = { method: 'GET', header }
    const call = { head, peer, authentication: async () => auth.authenticate(head, peer) }
    await revocationNews({}, call)
    expect(asked[0]).toMatchObject({ after: undefined, until: 1_700_000_300 })
    expect(await asked[0]?.isAllowed()).toBe(true)
    await auth.users.take(reader.id, ['revocations:read'])
    expect(await asked[0]?.isAllowed()).toBe(false)
    await auth.users.grant(reader.id, ['revocations:read'])
    token.now = (await auth.tokens.issue(reader)).access
    expect(await asked[0]?.isAllowed()).toBe(true)
    await auth.revoke({ user: reader.id })
    expect(await asked[0]?.isAllowed()).toBe(false)
  })

  test('ends with the auth', async () => {
    const { auth, listener } = await opened()
    await listener.id()
    await auth.close()
    await expect(listener.id()).rejects.toThrow('over')
  })

  test('HEAD opens none', async () => {
    const { access } = await reading()
    const answer = await kit.call('HEAD', '/auth/revocations/stream', { token: access })
    expect([answer.status, answer.text]).toEqual([200, ''])
  })
})

describe('listeners', () => {
  const forever = { after: undefined, until: Number.POSITIVE_INFINITY, isAllowed: async () => true }

  test('are so many and no more, until one hangs up', async () => {
    kit = await signedIn()
    const news = createNews({ feed: feedAt(1), clock: () => 0, most: 2 })
    const first = listener(news.open(forever))
    news.open(forever)
    expect(() => news.open(forever)).toThrow(expect.objectContaining({ code: 'overloaded' }))
    await first.stop()
    news.open(forever)
    news.close()
  })

  test('hear a heartbeat while nothing happens', async () => {
    kit = await signedIn()
    const news = createNews({ feed: feedAt(1), clock: () => 0, heartbeatSeconds: 0.01 })
    const { id, text, stop } = listener(news.open(forever))
    await id()
    await text(':\n\n')
    await stop()
  })

  test('are cut off when they may not listen any more, and when their token is over', async () => {
    kit = await signedIn()
    const clock = { now: 0 }
    const news = createNews({ feed: feedAt(1), clock: () => clock.now, heartbeatSeconds: 0.01 })
    const refused = listener(news.open({ ...forever, isAllowed: async () => false }))
    await refused.id()
    await expect(refused.id()).rejects.toThrow('over')
    const brief = listener(news.open({ ...forever, until: 5 }))
    await brief.id()
    clock.now = 5
    await expect(brief.id()).rejects.toThrow('over')
  })

  test('who does not read costs one pending event, and after some heartbeats nothing', async () => {
    kit = await signedIn()
    const feed = feedAt(1)
    const news = createNews({ feed, clock: () => 0, heartbeatSeconds: 0.01, most: 1 })
    const body = news.open(forever)
    for (let head = 2; head < 1_000; head++) feed.move(head)
    await expect.poll(() => (throws(() => void news.open(forever)) ? 'taken' : 'free')).toBe('free')
    const { id } = listener(body)
    const heard: number[] = []
    await expect(
      (async () => {
        for (;;) heard.push(await id())
      })(),
    ).rejects.toThrow('over')
    expect(heard.length).toBeLessThan(8)
    news.close()
  })
})

function throws(run: () => void): boolean {
  try {
    run()
    return false
  } catch {
    return true
  }
}

/** A feed whose head a test moves. */
function feedAt(head: number) {
  const listeners = new Set<(head: number) => void>()
  return {
    head,
    onNews(tell: (head: number) => void) {
      listeners.add(tell)
      return () => void listeners.delete(tell)
    },
    move(to: number) {
      for (const tell of listeners) tell(to)
    },
  }
}

/** Reads a stream of events one by one. */
function listener(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  let all = ''
  return {
    stop: () => reader.cancel(),
    /** The id of the next event. */
    async id(): Promise<number> {
      await until(/id: (\d+)\n/)
      const [whole = '', id] = /id: (\d+)\n/.exec(all) ?? []
      all = all.slice(all.indexOf(whole) + whole.length)
      return Number(id)
    },
    text: (wanted: string) => until(new RegExp(`(^|\\n)${wanted}`)),
  }

  async function until(pattern: RegExp): Promise<void> {
    while (!pattern.test(all)) {
      const { done, value } = await reader.read()
      if (done) throw new Error('the stream is over')
      all += Buffer.from(value).toString()
    }
  }
}
