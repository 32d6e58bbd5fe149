/** One behaviour on four servers, over real sockets. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { codes, type Json } from './kit.js'
import { servers } from './servers.js'
import { startWorld } from './world.js'

describe.each(Object.entries(servers))('%s', (_name, start) => {
  let world: Awaited<ReturnType<typeof startWorld>>
  let token: string
  beforeAll(async () => {
    world = await startWorld(start)
    token = world.tokens.access_token
  })
  afterAll(() => world.close())
  beforeEach(() => {
    world.ran.length = 0
  })

  /** Twice, since caches and compilers may make the second time another one. */
  async function twice(query: string, options: Parameters<typeof world.post>[1] = {}) {
    const first = await world.post(query, options)
    const again = await world.post(query, options)
    expect([again.status, again.body]).toEqual([first.status, first.body])
    return first
  }

  test('resolvers know who calls', async () => {
    expect((await twice('{ open me must }', { token })).body.data).toEqual({
      open: `open to ${world.user.id}`,
      me: world.user.id,
      must: world.user.id,
    })
    expect((await twice('{ open }')).body).toEqual({ data: { open: 'open to nobody' } })
  })

  test('a refused field is null with its code, its siblings are there, and the status is 200', async () => {
    const { status, body } = await twice('{ open me salaries posts { id draft } }')
    expect([status, body.data]).toEqual([
      200,
      {
        open: 'open to nobody',
        me: null,
        salaries: null,
        posts: [
          { id: 1, draft: null },
          { id: 2, draft: null },
        ],
      },
    ])
    expect(new Set(Object.values(codes(body)))).toEqual(new Set(['credential_missing']))
    expect(Object.keys(codes(body))).toEqual(
      expect.arrayContaining(['me', 'salaries', 'posts.0.draft', 'posts.1.draft']),
    )
    expect(world.ran).not.toContain('me')
    expect(world.ran).not.toContain('salaries')
  })

  test('who lacks a permission or a scope is told which', async () => {
    const { status, body } = await twice('{ salaries reports posts { draft } search(text: "x") }', { token })
    expect([status, body.data]).toEqual([
      200,
      { salaries: null, reports: null, posts: [{ draft: 'mine' }, { draft: null }], search: 'x undefined' },
    ])
    const said = Object.fromEntries(body.errors.map((error: Json) => [error.path.join('.'), error.extensions]))
    expect(said).toEqual({
      salaries: { code: 'permission_denied', missing: ['hr:read'] },
      reports: { code: 'scope_missing', missing: ['reports:read'] },
      'posts.1.draft': { code: 'permission_denied' },
    })
  })

  test('a value for an argument with a rule needs what the rule says', async () => {
    const query = 'query ($deleted: Boolean) { search(text: "x", deleted: $deleted) }'
    expect((await twice(query, { token, variables: {} })).body.data).toEqual({ search: 'x undefined' })
    const { body } = await twice(query, { token, variables: { deleted: true } })
    expect([body.data, codes(body)]).toEqual([{ search: null }, { search: 'permission_denied' }])
  })

  test('data that cannot be without a refused field is null, and that is no error of HTTP', async () => {
    const { status, body } = await twice('{ open must }')
    expect([status, body.data, codes(body)]).toEqual([200, null, { must: 'credential_missing' }])
  })

  test('a bad credential is answered 401 with its code and a challenge where somebody is needed, and nothing runs', async () => {
    const forged = `${token.slice(0, -8)}AAAAAAAA`
    for (const query of [
      '{ open me }',
      '{ open ...F } fragment F on Query { self { me } }',
      '{ posts { id ... on Post { draft } } }',
      'mutation { touch rename(name: "x") }',
      'query ($yes: Boolean!) { open me @include(if: $yes) }',
    ]) {
      const variables = query.includes('$yes') ? { yes: true } : {}
      const { status, headers, body } = await world.post(query, { token: forged, variables })
      expect([query, status, body.errors[0].extensions, body.data ?? null]).toEqual([
        query,
        401,
        { code: 'token_invalid' },
        null,
      ])
      expect(headers.get('www-authenticate')).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The token is not valid."',
      )
      expect(headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/)
    }
    expect(world.ran).toEqual([])
  })

  test('where nobody is needed a bad credential is nobody', async () => {
    for (const [query, data] of [
      ['{ open __typename posts { id __typename } }', { open: 'open to nobody' }],
      ['mutation { touch }', { touch: 'touched' }],
      ['{ open me @skip(if: true) }', { open: 'open to nobody' }],
      ['query A { open } query B { me }', { open: 'open to nobody' }],
    ] as const) {
      const { status, body } = await world.post(query, {
        token: 'nonsense',
        ...(query.includes(' A ') && { operationName: 'A' }),
      })
      expect([query, status, body.errors]).toEqual([query, 200, undefined])
      expect(body.data).toMatchObject(data)
    }
  })

  test('two credentials, and a scheme without a token, are said as in REST', async () => {
    const two = await world.post('{ me }', { headers: { authorization: `Bearer ${token}, Bearer ${token}` } })
    expect([two.status, two.body.errors[0].extensions.code]).toEqual([400, 'credential_ambiguous'])
    const none = await world.post('{ me }', { headers: { authorization: 'Bearer' } })
    expect([none.status, none.body.errors[0].extensions.code]).toEqual([400, 'credential_malformed'])
  })

  test('an expired or revoked token is told so, and refused', async () => {
    const own = await startWorld(start)
    const post = () => own.post('{ me }', { token: own.tokens.access_token })
    expect((await post()).body.data).toEqual({ me: own.user.id })
    await own.auth.revoke({ user: own.user.id })
    const revoked = await post()
    expect([revoked.status, revoked.body.errors[0].extensions]).toEqual([401, { code: 'token_revoked' }])
    own.clock.now += 301
    const expired = await post()
    expect([expired.status, expired.body.errors[0].extensions]).toEqual([401, { code: 'token_expired' }])
    await own.close()
  })

  test('what an application refuses keeps its words, what breaks is told to the log alone (217)', async () => {
    const { status, body, text } = await world.post('{ open refused told broken }', {
      headers: { 'x-request-id': 'request-7' },
    })
    expect([status, body.data]).toEqual([200, { open: 'open to nobody', refused: null, told: null, broken: null }])
    const said = Object.fromEntries(
      body.errors.map((error: Json) => [error.path[0], [error.message, error.extensions]]),
    )
    expect(said.told).toEqual(['No such post.', { code: 'POST_GONE' }])
    expect(said.refused).toEqual([
      'This is taken already, or was changed by somebody else.',
      { code: 'conflict', problems: [{ path: 'name', rule: 'format', message: 'Taken.' }] },
    ])
    expect(said.broken).toEqual([expect.any(String), { code: 'store_failed', requestId: 'request-7' }])
    expect(text).not.toMatch(/SELECT|disk|\.ts\b|\.js\b/)
    expect(world.faults.map(String)).toEqual(['Error: SELECT * FROM users: disk I/O error'])
    const other = await world.post('{ broken }', { headers: { 'x-request-id': 'a b' } })
    expect(other.body.errors[0].extensions.requestId).toMatch(/^[\da-f-]{36}$/)
  })

  test('only a POST of JSON, or a question by GET, is read (194)', async () => {
    const body = JSON.stringify({ query: 'mutation { touch }' })
    const query = (text: string) => `?query=${encodeURIComponent(text)}`
    const typed = (type: string) => ({ 'content-type': type })
    const rows: [string, number, ReturnType<typeof world.send>][] = [
      ['mutation by GET', 405, world.send('GET', { query: query('mutation { touch }') })],
      ['text', 415, world.send('POST', { body, headers: typed('text/plain') })],
      [
        'a form',
        415,
        world.send('POST', {
          body: `query=${query('mutation { touch }')}`,
          headers: typed('application/x-www-form-urlencoded'),
        }),
      ],
      ['multipart', 415, world.send('POST', { body, headers: typed('multipart/form-data; boundary=x') })],
      ['a document', 415, world.send('POST', { body: 'mutation { touch }', headers: typed('application/graphql') })],
      ['a type that begins alike', 415, world.send('POST', { body, headers: typed('application/jsonp') })],
      [
        'compressed',
        415,
        world.send('POST', {
          body: gzipSync(body),
          headers: { ...typed('application/json'), 'content-encoding': 'gzip' },
        }),
      ],
      ['GET with a type', 415, world.send('GET', { query: query('{ open }'), headers: typed('text/plain') })],
      ['GET', 200, world.send('GET', { query: query('{ open }') })],
      ['GET of JSON', 200, world.send('GET', { query: query('{ open }'), headers: typed('application/json') })],
    ]
    for (const [what, status, answer] of rows) expect([what, (await answer).status]).toEqual([what, status])
    expect(world.ran).toEqual(['open', 'open'])
  })

  test('clients of the newer media type learn from the status that nothing was run', async () => {
    const headers = { accept: 'application/graphql-response+json' }
    for (const query of ['{ opne }', '{ open', 'query ($a: Int!) { open }'])
      expect([query, (await world.post(query, { headers })).status]).toEqual([query, 400])
    const partial = await world.post('{ open me }', { headers })
    expect([partial.status, partial.body.data]).toEqual([200, { open: 'open to nobody', me: null }])
    expect((await world.post('{ me }', { headers, token: 'nonsense' })).status).toBe(401)
  })

  test('a list of operations is refused (213)', async () => {
    const body = JSON.stringify([{ query: '{ open }' }, { query: '{ open }' }])
    const { status } = await world.send('POST', { body, headers: { 'content-type': 'application/json' } })
    expect([status, world.ran]).toEqual([400, []])
  })

  test('in production a stranger learns nothing of the schema; a caller with a token does (215)', async () => {
    for (const query of [
      '{ __schema { types { name } } }',
      '{ open ...F } fragment F on Query { a: __type(name: "Post") { name } }',
    ]) {
      const stranger = await twice(query)
      expect([stranger.body.data ?? null, stranger.body.errors[0].extensions.code]).toEqual([
        null,
        'credential_missing',
      ])
      expect((await world.post(query, { token: 'nonsense' })).body.errors[0].extensions.code).toBe('token_invalid')
      expect((await twice(query, { token })).body.data).toEqual(expect.anything())
    }
    expect((await world.post('{ opeen }', { token })).text).toContain('Did you mean')
    expect((await twice('{ opeen }')).text).not.toContain('Did you mean')
    expect((await twice('{ opne }')).text).not.toContain('Did you mean')
    expect((await twice('{ opne }')).text).toContain('opne')
    expect((await twice('{ opne }', { token })).text).toContain('Did you mean')
  })
})

test('a server does not start with a schema that does not say who may see what', async () => {
  for (const [name, start] of Object.entries(servers)) {
    await expect([
      name,
      await startWorld(start, { rules: { 'Query.nothing': [] } }).catch((error) => error.code),
    ]).toEqual([name, 'options_invalid'])
  }
})
