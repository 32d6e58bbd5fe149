/** JWK_URL: what the simplejwt preset promises where another service signs and publishes its keys. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { generateKey, publicJwk } from '../../src/jwt/key.js'
import { signJws } from '../../src/jwt/sign.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import { headOf } from '../../src/transport/head.js'
import { caller, SECRET } from '../auth-kit.js'

const NOW = 1_795_312_931
const [theirs, strange] = [generateKey('RS256'), generateKey('RS256')]
let asked = 0
let isDown = false
let server: Server
let url: string

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked++
    if (isDown) return void response.writeHead(500).end('no JSON')
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [publicJwk(theirs)] }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
})
afterAll(() => void server.close())

const token = (key = theirs, claims: object = {}) =>
  signJws(
    { typ: 'JWT' },
    { token_type: 'access', exp: NOW + 300, iat: NOW, jti: 'f'.repeat(32), user_id: 1, ...claims },
    key,
  )

async function started(settings: Partial<SimpleJwtSettings> = {}) {
  const preset = simplejwt({ ALGORITHM: 'RS256', JWK_URL: url, ...settings })
  const auth = createAuth({ database: 'memory', secret: SECRET, clock: () => NOW, development: true, preset })
  await auth.users.create({ id: '1', username: 'alice', password: 'password' })
  const outcome = async (one: string) => {
    const headers = { authorization: `Bearer ${one}` }
    const { context, failure } = await auth.authenticate(headOf(new Request('http://localhost/', { headers })))
    return failure?.code ?? (await context?.user())?.username
  }
  return { auth, outcome, call: caller(auth) }
}

test('a token that names a published key is good, for the user of that id', async () => {
  const { auth, outcome } = await started()
  expect(await outcome(token())).toBe('alice')
  expect(await outcome(token(theirs, { user_id: 2 }))).toBe('user_inactive')
  expect(await outcome(token(theirs, { token_type: 'refresh' }))).toBe('token_invalid')
  expect(await outcome(token({ ...strange, kid: theirs.kid }))).toBe('token_invalid')
  await auth.close()
})

test('what is issued here is good beside it, with a key of our own or with the one that is named', async () => {
  const SIGNING_KEY = strange.material.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const settings of [{}, { SIGNING_KEY }]) {
    const { auth, outcome, call } = await started(settings)
    const body = { username: 'alice', password: 'password' }
    const { access, refresh } = (await call('POST', '/api/token/', { body })).body
    expect(await outcome(access)).toBe('alice')
    expect((await call('POST', '/api/token/refresh/', { body: { refresh } })).status).toBe(200)
    expect(await outcome(token())).toBe('alice')
    await auth.close()
  }
})

test('fault 15: tokens that name keys of their own invention cost one look, and a bad day loses no good key', async () => {
  const { auth, outcome } = await started()
  await outcome(token())
  const before = asked
  const junk = Array.from({ length: 20 }, (_, at) => token({ ...strange, kid: `invented-${at}` }))
  const answers = await Promise.all(junk.map(outcome))
  expect(new Set(answers)).toEqual(new Set(['token_invalid']))
  expect(asked - before).toBeLessThanOrEqual(1)
  isDown = true
  await outcome(token({ ...strange, kid: 'one-more' })).catch(() => undefined)
  expect(await outcome(token())).toBe('alice')
  isDown = false
  await auth.close()
})
