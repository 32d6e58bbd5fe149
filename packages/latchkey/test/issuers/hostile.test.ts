/** The hostile server of keys against a whole auth, over sockets on both sides (security.md 111-119, G7). */
import { afterEach, describe, expect, test } from 'vitest'
import { memoryStores } from '../../src/stores/memory.js'
import { count } from '../count.js'
import { modes } from '../keys/remote/hostile-server.js'
import { setOf } from '../keys/remote/kit.js'
import { a, attacked, b, COOL_DOWN, closeAll, evil, flood, junk, mint, rowOf, START, server } from './hostile-kit.js'

const good = modes.json(setOf(a))
const MANY = 10_000

afterEach(closeAll)

/** A store that counts what is asked of its users and identities. */
function counted() {
  const stores = memoryStores({ clock: () => START })
  let asked = 0
  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(it, name) {
        asked++
        return Reflect.get(it, name)
      },
    })
  const database = { ...stores, users: watch(stores.users), identities: watch(stores.identities) }
  return { database, asked: () => asked }
}

test('case 111: ten thousand issuers that nobody configured are refused without a connection or a look at the store', async () => {
  const keys = await server(good)
  const { database, asked } = counted()
  const { port, get } = await attacked([rowOf(keys, { users: 'create' })], { database })
  expect((await get(mint(keys.origin))).status).toBe(200)
  const before = [keys.connections, asked()]
  const made = Array.from({ length: MANY }, (_, n) => junk({ kid: 'a' }, `${keys.origin}/${n}`))
  const answers = await flood(port, made)
  expect(answers.filter(({ status, code }) => status === 401 && code === 'token_invalid')).toHaveLength(MANY)
  expect([keys.connections, asked()]).toEqual(before)
  count('unknown issuers at a guard', MANY)
})

test('case 112: a token that a real issuer did not sign makes no user', async () => {
  const keys = await server(good)
  const { auth, get } = await attacked([rowOf(keys, { users: 'create' })])
  const [header, payload, signature] = mint(keys.origin).split('.')
  const forged = [
    junk({ kid: 'a' }, keys.origin),
    junk({ kid: 'a', alg: 'none' }, keys.origin),
    `${header}.${payload}.`,
    `${header}.${payload}.${signature?.slice(0, -4)}AAAA`,
    mint(keys.origin, evil),
    mint(keys.origin, b),
    mint(keys.origin, a, { aud: 'https://other.example' }),
    mint(keys.origin, a, { exp: START - 60, iat: START - 90 }),
  ]
  for (const token of forged) expect((await get(token)).status).toBe(401)
  expect(await auth.users.list()).toEqual([])
  expect((await get(mint(keys.origin))).status).toBe(200)
  expect(await auth.users.list()).toHaveLength(1)
})

test('case 113: ten thousand made-up names of keys are one request in a cool-down, and good tokens go on', async () => {
  const keys = await server(good)
  const { port, get, time } = await attacked([rowOf(keys)])
  expect((await get(mint(keys.origin))).status).toBe(200)
  time.now += COOL_DOWN
  const made = Array.from({ length: MANY }, (_, n) => junk({ kid: `k-${n}` }, keys.origin))
  const [bad, fine] = await Promise.all([
    flood(port, made),
    flood(
      port,
      Array.from({ length: 100 }, (_, n) => mint(keys.origin, a, { jti: `${n}` })),
    ),
  ])
  expect(bad.filter(({ status }) => status === 401)).toHaveLength(MANY)
  expect(fine.filter(({ status }) => status === 200)).toHaveLength(100)
  expect(keys.requests).toHaveLength(2)
  time.now += COOL_DOWN - 1
  await flood(port, made.slice(0, 1_000))
  expect(keys.requests).toHaveLength(2)
  time.now += 1
  await flood(port, made.slice(0, 1_000))
  expect(keys.requests).toHaveLength(3)
  count('unknown keys at a guard', MANY)
})

test('case 115: a thousand tokens at a cold start are one request for keys', async () => {
  const keys = await server(good)
  const { port } = await attacked([rowOf(keys)])
  const tokens = Array.from({ length: 1_000 }, (_, n) => mint(keys.origin, a, { jti: `${n}` }))
  const answers = await flood(port, tokens, 50)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1_000)
  expect([keys.requests.length, keys.connections]).toEqual([1, 1])
})

test.each([
  ['never answers', modes.hang()],
  ['drips', modes.drip()],
  ['drips header lines', modes.dripHead()],
])('case 116: an issuer that %s keeps only its own tokens waiting, and leaves no socket behind', async (_, mode) => {
  const [slow, fine] = [await server(mode), await server(good)]
  const { get, own, close } = await attacked([rowOf(slow), rowOf(fine, { id: 'fine' })])
  const waiting = get(mint(slow.origin)).catch(() => undefined)
  for (let turn = 0; turn < 200 && slow.requests.length === 0; turn++) await new Promise(setImmediate)
  for (let n = 0; n < 20; n++) expect((await get(mint(fine.origin, a, { jti: `${n}` }))).status).toBe(200)
  expect((await get(await own())).status).toBe(200)
  expect(slow.requests).toHaveLength(1)
  await close()
  await waiting
  for (let turn = 0; turn < 1_000 && slow.open > 0; turn++) await new Promise(setImmediate)
  expect(slow.open).toBe(0)
})

test.each([301, 302, 303, 307, 308])('case 118: a redirect (%d) is followed nowhere', async (status) => {
  const elsewhere = await server(modes.json(setOf(evil)))
  for (const target of [elsewhere.jwksUrl, 'http://169.254.169.254/', 'file:///etc/passwd']) {
    const keys = await server(modes.redirect(status, target))
    const { get } = await attacked([rowOf(keys)])
    expect(await get(mint(keys.origin, evil))).toEqual({
      status: 503,
      code: 'issuer_unreachable',
      retryAfter: COOL_DOWN,
    })
  }
  expect(elsewhere.connections).toBe(0)
})

describe('case 119: where only public addresses are asked', () => {
  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.1', '169.254.169.254'])(
    'an auth with its keys at %s does not start',
    async (host) => {
      const keys = await server(good)
      const jwksUrl = `http://${host}:${keys.port}/jwks.json`
      await expect(attacked([rowOf(keys, { keys: { jwksUrl, allowPrivate: false } })])).rejects.toMatchObject({
        code: 'options_invalid',
      })
      expect(keys.connections).toBe(0)
    },
  )

  test('a name that leads to this machine is not connected to', async () => {
    const keys = await server(good)
    const jwksUrl = `http://localhost:${keys.port}/jwks.json`
    const { get } = await attacked([rowOf(keys, { keys: { jwksUrl, allowPrivate: false } })])
    expect(await get(mint(keys.origin))).toMatchObject({ status: 503, code: 'issuer_unreachable' })
    expect(keys.connections).toBe(0)
  })
})

test('case 120: an issuer without TLS does not start in production', async () => {
  const keys = await server(good)
  await expect(attacked([rowOf(keys)], { development: false })).rejects.toMatchObject({ code: 'options_invalid' })
})
