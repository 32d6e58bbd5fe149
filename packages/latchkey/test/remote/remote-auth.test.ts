/** A service without a database takes the tokens of an issuer of which it knows nothing but the URL. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkNow, group, permission, remoteAuth, signedIn } from '../../src/index.js'
import { SECRET } from '../auth-kit.js'
import { whoIs } from '../issuers/kit.js'
import { API, served } from './kit.js'

let issuer: Awaited<ReturnType<typeof served>>
beforeAll(async () => {
  issuer = await served()
})
afterAll(() => issuer.stop())

describe('with nothing but the URL of the issuer', () => {
  test('its tokens are good, with their permissions', async () => {
    const auth = remoteAuth(issuer.url, { audience: API, development: true })
    const { access_token } = await issuer.login()
    const { context } = await whoIs(auth as never)(access_token)
    expect(context).toMatchObject({ subject: issuer.user.id, userId: issuer.user.id, issuer: issuer.url })
    await signedIn(context)
    await permission('reports:read')(context)
    await expect(permission('reports:write')(context)).rejects.toMatchObject({ code: 'permission_denied' })
    await auth.close()
  })

  test('who is in a group there is in it here, where the tokens say so', async () => {
    const auth = remoteAuth(issuer.url, { audience: API, development: true })
    await issuer.auth.groups?.create('staff', ['reports:*'])
    await issuer.auth.groups?.join('staff', issuer.user.id)
    const { context } = await whoIs(auth as never)((await issuer.login()).access_token)
    await group('staff')(context)
    await permission('reports:write')(context)
    await expect(group('board')(context)).rejects.toMatchObject({ code: 'permission_denied' })
    await issuer.auth.groups?.remove('staff')
    const after = await whoIs(auth as never)((await issuer.login()).access_token)
    await expect(group('staff')(after.context)).rejects.toMatchObject({ code: 'permission_denied' })
    await auth.close()
  })

  test('tokens for another service are refused, and so are those of others', async () => {
    const auth = remoteAuth(issuer.url, { audience: 'https://other.example', development: true })
    const { access_token } = await issuer.login()
    expect((await whoIs(auth as never)(access_token)).code).toBe('token_audience')
    const stranger = await served()
    const foreign = (await stranger.login()).access_token
    expect((await whoIs(auth as never)(foreign)).code).toBe('token_invalid')
    await stranger.stop()
    await auth.close()
  })

  test('what was revoked cannot be known, and a guard that must know says so', async () => {
    const auth = remoteAuth(issuer.url, { audience: API, development: true })
    const { context } = await whoIs(auth as never)((await issuer.login()).access_token)
    await expect(checkNow(context)).rejects.toMatchObject({ code: 'store_failed' })
    await expect(context?.user()).rejects.toMatchObject({ code: 'user_inactive' })
    await auth.close()
  })
})

test('with a shared secret there is nothing to fetch', async () => {
  const secret = `shared-${SECRET}`
  const other = await served({ algorithm: 'HS256', key: secret })
  const auth = remoteAuth(other.url, { audience: API, development: true, algorithms: ['HS256'], keys: { secret } })
  const { access_token } = await other.login()
  await other.stop()
  expect((await whoIs(auth as never)(access_token)).code).toBeUndefined()
})

test('an issuer that is gone is 503, and nobody is said to be wrong', async () => {
  const gone = await served()
  const { access_token } = await gone.login()
  await gone.stop()
  const auth = remoteAuth(gone.url, { audience: API, development: true })
  const { failure } = await whoIs(auth as never)(access_token)
  expect(failure).toMatchObject({ code: 'issuer_unreachable', status: 503 })
  const { status, headers } = auth.reject(failure)
  expect([status, Number(headers['retry-after']) > 0]).toEqual([503, true])
})

test.each<[string, string, object]>([
  ['http in production', 'http://login.example.com', { audience: API, development: false }],
  ['no audience', 'https://login.example.com', {}],
  ['an empty audience', 'https://login.example.com', { audience: [] }],
  ['an option that is none', 'https://login.example.com', { audience: API, database: 'memory' }],
  ['no URL', 'login', { audience: API }],
])('%s does not start', (_name, url, options) => {
  expect(() => remoteAuth(url, options as never)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})
