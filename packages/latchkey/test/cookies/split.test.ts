/** Split cookies: what scripts may read, what they cannot change, and where the signature is. */
import { describe, expect, test } from 'vitest'
import { bearer, splitCookies } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { withBrowser } from './kit.js'

const PAYLOAD = '__Host-access_payload'
const SIGNATURE = '__Host-access_signature'
const kit = (options = {}) => withBrowser({ transports: [splitCookies()], ...options })
const kept = ({ jar }: Pick<Awaited<ReturnType<typeof kit>>, 'jar'>, name: string) => jar.get(name)?.value as string
const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

test('a payload that a script changed is no token, and the next refresh mends it (case 170)', async () => {
  const page = await kit()
  await page.login()
  const [header = '', payload = ''] = kept(page, PAYLOAD).split('.')
  const other = await page.auth.users.create({ username: 'bob', password: PASSWORD })
  const edited = (change: object) => Buffer.from(JSON.stringify({ ...read(payload), ...change })).toString('base64url')
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  for (const text of [
    `${header}.${edited({ sub: other.id })}`,
    `${header}.${edited({ exp: 4_000_000_000 })}`,
    `${header}.${edited({ permissions: ['*'] })}`,
    `${none}.${payload}`,
    `${header}.${payload}.${payload}`,
    `${header}.${payload}.`,
    `.${payload}`,
    `${payload}.${header}`,
    payload,
    header,
    'nonsense',
  ]) {
    const { status, code } = await page.send('GET', '/auth/me', {
      headers: { cookie: page.cookie('/', { [PAYLOAD]: text }) },
    })
    expect([text, status, code]).toEqual([text, 401, 'token_expired'])
  }
  expect(
    (await page.send('POST', '/auth/refresh', { headers: { cookie: page.cookie('/auth', { [PAYLOAD]: 'nonsense' }) } }))
      .status,
  ).toBe(200)
  expect((await page.send('GET', '/auth/me')).body.username).toBe('alice')
})

test('halves of two people, or of before and after a refresh, are no token (case 171)', async () => {
  const alice = await kit()
  await alice.auth.users.create({ username: 'bob', password: PASSWORD })
  const bob = alice.browse()
  await bob.send('POST', '/auth/login', { body: { username: 'bob', password: PASSWORD } })
  await alice.login()
  const mixed = alice.cookie('/', { [SIGNATURE]: kept(bob, SIGNATURE) })
  expect((await alice.send('GET', '/auth/me', { headers: { cookie: mixed } })).code).toBe('token_expired')
  const before: Readonly<Record<string, string>> = {
    [PAYLOAD]: kept(alice, PAYLOAD),
    [SIGNATURE]: kept(alice, SIGNATURE),
  }
  alice.clock.now += 60
  const { cookies } = await alice.send('POST', '/auth/refresh')
  for (const name of [PAYLOAD, SIGNATURE]) {
    expect(cookies.filter((line) => line.startsWith(`${name}=`))).toHaveLength(1)
    const old = alice.cookie('/', { [name]: before[name] as string })
    expect((await alice.send('GET', '/auth/me', { headers: { cookie: old } })).code).toBe('token_expired')
  }
  expect((await alice.send('GET', '/auth/me')).status).toBe(200)
})

test('one half alone is answered like an expired token, so that the page refreshes', async () => {
  const page = await kit()
  await page.login()
  for (const name of [PAYLOAD, SIGNATURE]) {
    const cookie = page.cookie('/', { [name]: '' })
    expect((await page.send('GET', '/auth/me', { headers: { cookie } })).code).toBe('token_expired')
  }
})

test('the signature is in no answer but in its own cookie, which no script reads (case 172)', async () => {
  const page = await kit({ register: true })
  const answers = [await page.login()]
  const signatures = new Set([kept(page, SIGNATURE)])
  for (const [method, path, body] of [
    ['POST', '/auth/register', { username: 'carol', password: PASSWORD }],
    ['POST', '/auth/refresh', undefined],
    ['GET', '/auth/me', undefined],
    ['GET', '/auth/csrf', undefined],
    ['GET', '/auth/sessions', undefined],
    ['GET', '/auth/openapi.json', undefined],
    ['GET', '/.well-known/jwks.json', undefined],
    ['GET', '/.well-known/oauth-authorization-server', undefined],
    ['POST', '/auth/password', { current_password: PASSWORD, new_password: 'another horse, another battery' }],
    ['POST', '/auth/verify', { token: 'nonsense' }],
    ['DELETE', '/auth/sessions', undefined],
    ['DELETE', '/auth/sessions/unknown', undefined],
    ['POST', '/auth/logout', undefined],
    ['GET', '/auth/me', undefined],
  ] as const) {
    answers.push(await page.send(method, path, body && { body }))
    signatures.add(kept(page, SIGNATURE) ?? '')
  }
  signatures.delete('')
  expect(signatures.size).toBeGreaterThanOrEqual(4)
  for (const { text, headers } of answers) {
    for (const [name, value] of headers) {
      const allowed = name === 'set-cookie' && value.startsWith(`${SIGNATURE}=`) && value.endsWith('; HttpOnly')
      for (const signature of signatures) expect([name, !allowed && value.includes(signature)]).toEqual([name, false])
    }
    for (const signature of signatures) expect(text.includes(signature)).toBe(false)
    expect(text).not.toContain(kept(page, '__Secure-refresh_token') ?? 'gone')
  }
})

test('the payload that scripts read says who, until when, and nothing that is private (case 173)', async () => {
  const page = await kit()
  await page.auth.users.create({
    username: 'dora',
    password: PASSWORD,
    email: 'dora@example.com',
    permissions: ['posts:*'],
  })
  await page.send('POST', '/auth/login', { body: { username: 'dora', password: PASSWORD } })
  const [header = '', payload = '', ...more] = kept(page, PAYLOAD).split('.')
  expect(more).toEqual([])
  expect(Object.keys(read(header)).sort()).toEqual(['alg', 'kid', 'typ'])
  expect(Object.keys(read(payload)).sort()).toEqual([
    'aud',
    'auth_time',
    'client_id',
    'exp',
    'iat',
    'iss',
    'jti',
    'rev',
    'sid',
    'sub',
  ])
  expect(Buffer.from(payload, 'base64url').toString()).not.toMatch(/dora|example\.com.*@|secret|seed|posts/)
  const chosen = await kit({ claims: () => ({ nick: 'D' }) })
  await chosen.login()
  expect(read(kept(chosen, PAYLOAD).split('.')[1] ?? '')).toMatchObject({ nick: 'D' })
})

describe('both halves make the token that a header would carry', () => {
  test('joined by hand it is good as a bearer token, and is taken with its cookies in neither', async () => {
    const page = await kit({ transports: [splitCookies(), bearer()] })
    await page.login()
    const token = `${kept(page, PAYLOAD)}.${kept(page, SIGNATURE)}`
    expect((await page.call('GET', '/auth/me', { token })).status).toBe(200)
    const headers = { cookie: page.cookie('/') }
    expect((await page.call('GET', '/auth/me', { token, headers })).body.code).toBe('credential_ambiguous')
  })
})
