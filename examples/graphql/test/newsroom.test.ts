/** The newsroom gives the same answers behind each server and from both schemas, and the README is run as it stands. */
import { printSchema } from 'graphql'
import { createClient as createSocket } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { followReadme } from '../../lib/readme.js'
import { createNewsAuth, type NewsAuth } from '../src/auth.js'
import { codeFirst } from '../src/code-first.js'
import { createNewsroom } from '../src/newsroom.js'
import { schemaFirst } from '../src/schema-first.js'
import { servers } from '../src/servers.js'

const where = { port: 0, host: '127.0.0.1' }
let auth: NewsAuth
beforeAll(async () => {
  auth = await createNewsAuth('memory', 'a-secret-of-the-newsroom-for-its-tests-only')
})
afterAll(() => auth.close())

test('both schemas are the same but for the directives', () => {
  const shown = (make: typeof codeFirst) =>
    printSchema(make(createNewsroom(), auth)).replace(
      /(""".*"""\n)?directive @(authenticated|requiresScopes|hasPermission|public)\b.*\n+/g,
      '',
    )
  expect(shown(codeFirst).split('\n').sort()).toEqual(shown(schemaFirst).split('\n').sort())
})

/** What is asked, by whom, and the data and codes that come of it. */
const asked: readonly [document: string, who: 'alice' | 'bob' | 'root' | undefined, data: unknown, codes: string[]][] =
  [
    [
      '{ posts { title } me { username } }',
      undefined,
      { posts: [{ title: 'Bridge reopens' }, { title: 'Rain ahead' }], me: null },
      ['me credential_missing'],
    ],
    [
      '{ me { username } posts { draft } }',
      'alice',
      { me: { username: 'alice' }, posts: [{ draft: 'The mayor was late.' }, { draft: null }] },
      ['posts.1.draft permission_denied'],
    ],
    ['{ salaries { name } }', 'bob', { salaries: null }, ['salaries permission_denied']],
    ['{ salaries { name } }', 'root', { salaries: [{ name: 'alice' }] }, []],
    ['mutation { write(title: "x") { author } }', 'bob', null, ['write permission_denied']],
    ['mutation { write(title: "Election today") { author } }', 'alice', { write: { author: 'alice' } }, []],
  ]

describe.each(Object.entries(servers))('%s', (name, start) => {
  test.each([
    ['text', schemaFirst],
    ['code', codeFirst],
  ] as const)('lets each see what is theirs, with the schema as %s', async (_kind, make) => {
    const { port, stop } = await start(auth, make(createNewsroom(), auth), where)
    const tokens = new Map<string, string>()
    for (const who of ['alice', 'bob', 'root']) {
      const user = await auth.users.byUsername(who)
      tokens.set(who, user ? (await auth.tokens.issue(user)).access : '')
    }
    const post = async (query: string, who: string | undefined) => {
      const headers = { 'content-type': 'application/json', ...(who && { authorization: `Bearer ${tokens.get(who)}` }) }
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      })
      return (await response.json()) as { data?: unknown; errors?: { path?: string[]; extensions: { code: string } }[] }
    }
    for (const [document, who, data, codes] of asked) {
      const { data: got, errors = [] } = await post(document, who)
      const said = errors.map(({ path = [], extensions }) => `${path.join('.')} ${extensions.code}`)
      expect([document, who, got, said]).toEqual([document, who, data, codes])
    }
    if (name !== 'apollo') {
      const socket = createSocket({
        url: `ws://127.0.0.1:${port}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { token: tokens.get('alice') },
      })
      const events = socket.iterate({ query: 'subscription { written { author } }' })
      const heard = events.next()
      const again = setInterval(() => void post('mutation { write(title: "y") { id } }', 'alice'), 50)
      expect((await heard).value).toEqual({ data: { written: { author: 'alice' } } })
      clearInterval(again)
      await socket.dispose()
    }
    await stop()
  })
})

test('what the README says is what happens', async () => {
  const yoga = servers.yoga as NonNullable<(typeof servers)['yoga']>
  const { port, stop } = await yoga(auth, schemaFirst(createNewsroom(), auth), where)
  expect(await followReadme(new URL('../README.md', import.meta.url), `http://localhost:${port}`)).toBe(6)
  await stop()
})
