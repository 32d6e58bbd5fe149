/** A real simplejwt and the preset beside it: what one signs the other takes, and what one refuses so does the other. */
import { generateKeyPairSync } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { mount } from '../../src/adapters/node.js'
import { createAuth } from '../../src/index.js'
import { headOf } from '../../src/transport/head.js'
import { caller, SECRET } from '../auth-kit.js'
import { CREDENTIALS, claimsOf, django, latchkey, people, SIGNING_KEY, type Side, signed } from './kit.js'
import { djangoServer } from './server.js'

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const KEYS = {
  HS256: { ALGORITHM: 'HS256', SIGNING_KEY },
  RS256: { ALGORITHM: 'RS256', SIGNING_KEY: pair.privateKey, VERIFYING_KEY: pair.publicKey },
} as const
const ALICE = { status: 200, body: { id: 1, username: 'alice' } }
const now = () => Math.floor(Date.now() / 1000)

const sides = new Map<string, Promise<{ there: Side; here: Awaited<ReturnType<typeof latchkey>> }>>()

/** Both of an algorithm, made once: what a test leaves there is in no other's way. */
function both(algorithm: keyof typeof KEYS) {
  const settings = KEYS[algorithm]
  const make = async () => ({ there: django(await djangoServer(algorithm, settings)), here: await latchkey(settings) })
  const made = sides.get(algorithm) ?? make()
  sides.set(algorithm, made)
  return made
}

describe.each(Object.keys(KEYS) as (keyof typeof KEYS)[])('%s', (algorithm) => {
  test('access tokens of either are good at both, and of the same user', async () => {
    const { there, here } = await both(algorithm)
    for (const issuer of [there, here]) {
      const { access } = await issuer.obtain()
      for (const side of [there, here]) {
        expect(await side.view(access)).toMatchObject(ALICE)
        expect(await side.verify(access)).toMatchObject({ status: 200, body: {} })
      }
    }
    const [theirs, ours] = [await there.obtain(), await here.obtain()].map(({ access }) => claimsOf(access))
    const { sid, ...same } = ours
    expect(Object.keys(same)).toEqual(Object.keys(theirs))
    expect([same.user_id, sid]).toEqual([theirs.user_id, expect.any(String)])
  })

  test('refresh tokens of either buy access tokens at both, which are good at both', async () => {
    const { there, here } = await both(algorithm)
    for (const issuer of [there, here]) {
      const { refresh } = await issuer.obtain()
      for (const side of [there, here]) {
        const { status, body } = await side.refresh(refresh)
        expect([status, Object.keys(body)]).toEqual([200, ['access']])
        for (const other of [there, here]) expect(await other.view(body.access)).toMatchObject(ALICE)
      }
    }
  })

  test('a token of the wrong kind is refused at both in the same words', async () => {
    const { there, here } = await both(algorithm)
    for (const { access, refresh } of [await there.obtain(), await here.obtain()]) {
      const [theirs, ours] = await Promise.all([there, here].map((side) => side.refresh(access)))
      expect(theirs).toMatchObject({ status: 401, body: { detail: 'Token has wrong type' } })
      expect(ours).toEqual(theirs)
      const [atTheirs, atOurs] = await Promise.all([there, here].map((side) => side.view(refresh)))
      expect(atTheirs).toMatchObject({ status: 401, body: { code: 'token_not_valid' } })
      expect(atOurs).toEqual(atTheirs)
    }
  })
})

const claims = (more: object) => ({ exp: now() + 60, iat: now(), jti: 'f'.repeat(32), user_id: 1, ...more })
const access = (more: object = {}) => claims({ token_type: 'access', ...more })
const refresh = (more: object = {}) => claims({ token_type: 'refresh', ...more })

/** Each with what it is: refused at both, in the same words, as an access token and as a refresh token. */
const BAD: readonly (readonly [what: string, token: (make: typeof access) => string])[] = [
  ['expired', (make) => signed(make({ exp: now() - 1 }))],
  ['expired this second', (make) => signed(make({ exp: now() }))],
  ['of the future', (make) => signed(make({ nbf: now() + 60 }))],
  ['signed with another key', (make) => signed(make(), 'another-key-of-another-application-altogether')],
  ['signed with nothing', (make) => `${signed(make(), '', { alg: 'none', typ: 'JWT' }).split('.', 2).join('.')}.`],
  ['called HS512', (make) => signed(make(), SIGNING_KEY, { alg: 'HS512', typ: 'JWT' })],
  ['cut off', (make) => signed(make()).slice(0, -2)],
  ['of no kind', (make) => signed(make({ token_type: undefined }))],
  ['of another kind', (make) => signed(make({ token_type: 'sliding' }))],
  ['without an end', (make) => signed(make({ exp: undefined }))],
  ['three words', () => 'no.jwt.atall'],
  ['garbage', () => '\u2603'.repeat(40)],
]

test.each(BAD)('a token that is %s is refused by both alike', async (_what, token) => {
  const { there, here } = await both('HS256')
  const answers = (side: typeof there) =>
    Promise.all([
      side.refresh(token(refresh)),
      // What no header can carry is refused by whoever sends it.
      /^[\x20-\x7e]+$/.test(token(access)) ? side.view(token(access)) : undefined,
      // It looks at less: a token of no kind is genuine, too.
      side.verify(token(access)),
    ])
  const [theirs, ours] = [await answers(there), await answers(here)]
  expect(theirs.slice(0, 2).map((answer) => answer?.status ?? 401)).toEqual([401, 401])
  expect(ours).toEqual(theirs)
})

test('logins are refused by both alike: a wrong password, nobody, somebody who was disabled, nothing', async () => {
  const { there, here } = await both('HS256')
  const all = [
    { username: 'alice', password: 'wrong' },
    { username: 'nobody', password: 'password' },
    { username: 'inactive', password: 'password' },
    {},
  ]
  for (const credentials of all)
    expect(await here.post('/api/token/', credentials)).toEqual(await there.post('/api/token/', credentials))
})

const servers: Server[] = []
afterAll(async () => {
  for (const server of servers.splice(0)) server.close()
  for (const made of sides.values()) await made.then(({ here }) => here.auth.close())
})

let publisher: Parameters<typeof mount>[0]

/** A Django that knows no key, but where ours are published: at one place, whoever publishes there. */
async function verifyingBy(auth: object) {
  publisher = auth as typeof publisher
  const [server = createServer((request, response) => void mount(publisher)(request, response))] = servers
  if (!server.listening) {
    servers.push(server.listen(0, '127.0.0.1'))
    await new Promise((resolve) => server.once('listening', resolve))
  }
  const JWK_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`
  return django(await djangoServer('jwks', { ALGORITHM: 'RS256', SIGNING_KEY: '', JWK_URL }))
}

test('by JWKS: Django takes the tokens of the preset by the keys that it publishes, and refuses what they did not sign', async () => {
  const { here } = await both('RS256')
  const there = await verifyingBy(here.auth)
  const { access, refresh } = await here.obtain()
  expect(await there.view(access)).toMatchObject(ALICE)
  expect((await there.view(refresh)).status).toBe(401)
  expect((await there.view(`${access.slice(0, -4)}AAAA`)).status).toBe(401)
})

test('where no key is published tokens name none, and of a secret there is nothing to publish', async () => {
  const quiet = await latchkey({ ...KEYS.RS256, paths: { jwks: null } })
  const { access } = await quiet.obtain()
  expect(JSON.parse(Buffer.from(access.split('.')[0], 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' })
  for (const { send } of [quiet, (await both('HS256')).here])
    expect((await send(new Request('http://localhost/.well-known/jwks.json'))).status).toBe(404)
  await expect(latchkey({ ...KEYS.HS256, paths: { jwks: '/keys' } })).rejects.toMatchObject({ code: 'options_invalid' })
  await quiet.auth.close()
})

test('by JWKS: native tokens are good at Django, too, with the claims that it looks for, whatever key signs by now', async () => {
  const auth = createAuth({
    issuer: 'http://127.0.0.1',
    database: 'memory',
    secret: SECRET,
    algorithm: 'RS256',
    claims: ({ id }) => ({ token_type: 'access', user_id: Number(id) }),
  })
  await people(auth)
  const there = await verifyingBy(auth)
  const token = async () => (await caller(auth)('POST', '/auth/login', { body: CREDENTIALS })).body.access_token
  const first = await token()
  expect(await there.view(first)).toMatchObject(ALICE)
  await auth.keys.rotate()
  expect(await there.view(await token())).toMatchObject(ALICE)
  expect(await there.view(first)).toMatchObject(ALICE)
  await auth.close()
})

test('as an issuer: one row takes the access tokens of Django by its public key, and no other token of it', async () => {
  const there = django(await djangoServer('RS256', KEYS.RS256))
  const auth = createAuth({
    issuer: 'https://api.example.com',
    database: 'memory',
    secret: SECRET,
    issuers: [
      {
        id: 'django',
        keys: { pem: pair.publicKey },
        subject: 'user_id',
        users: 'none',
        schema: { type: 'object', required: ['token_type'], properties: { token_type: { const: 'access' } } },
      },
    ],
  })
  const who = (token: string) =>
    auth.authenticate(headOf(new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })))
  const tokens = await there.obtain()
  expect((await who(tokens.access)).context?.subject).toBe('1')
  expect((await who(tokens.refresh)).failure?.code).toBe('claims_invalid')
  await auth.close()
})
