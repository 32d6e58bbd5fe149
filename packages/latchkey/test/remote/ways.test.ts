/** One login for many services in the three ways there are, each held to the same promises: the issuer's keys, a shared secret, its verify endpoint. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { permission, type RemoteAuth, type RemoteAuthOptions, remoteAuth } from '../../src/index.js'
import { SECRET } from '../auth-kit.js'
import { mint, whoIs } from '../issuers/kit.js'
import { API, served } from './kit.js'

const shared = `shared-${SECRET}`
type Way = Pick<RemoteAuthOptions, 'keys' | 'algorithms'>

const ways: [string, Parameters<typeof served>[0], Way][] = [
  ['the issuer´s keys', {}, {}],
  ['a shared secret', { algorithm: 'HS256', key: shared }, { algorithms: ['HS256'], keys: { secret: shared } }],
  ['the verify endpoint', {}, { keys: { verify: true, remember: 0 } }],
  ['the verify endpoint, with a secret there', { algorithm: 'HS256', key: shared }, { keys: { verify: true } }],
]

describe.each(ways)('by %s', (_name, made, way) => {
  let issuer: Awaited<ReturnType<typeof served>>
  let auth: RemoteAuth
  const clock = { ahead: 0 }
  const now = () => Math.floor(Date.now() / 1000) + clock.ahead
  const codeOf = async (token: string) => (await whoIs(auth as never)(token)).code

  beforeAll(async () => {
    issuer = await served({ ...made, accessLifetime: '60s', clock: now })
    auth = remoteAuth(issuer.url, { audience: API, development: true, clock: now, leeway: 0, ...way })
  })
  afterAll(async () => {
    await auth.close()
    await issuer.stop()
  })

  test('a login there is a caller here, with subject and permissions', async () => {
    const { context } = await whoIs(auth as never)((await issuer.login()).access_token)
    expect(context).toMatchObject({ subject: issuer.user.id, issuer: issuer.url, claims: { aud: [issuer.url, API] } })
    await permission('reports:read')(context)
    await expect(permission('reports:write')(context)).rejects.toMatchObject({ code: 'permission_denied' })
  })

  test('a token for another service is none for this one', async () => {
    const other = remoteAuth(issuer.url, { audience: 'https://other.example', development: true, clock: now, ...way })
    expect((await whoIs(other as never)((await issuer.login()).access_token)).code).toBe('token_audience')
    await other.close()
  })

  test('a changed token, a refresh token, nonsense and a token of somebody else are none', async () => {
    const { access_token, refresh_token } = await issuer.login()
    const [head, payload = '', signature] = access_token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')
    const foreign = await mint({ iss: issuer.url, aud: API, iat: now(), exp: now() + 60 })
    for (const token of [`${head}.${forged}.${signature}`, refresh_token, 'nonsense', foreign])
      expect(await codeOf(token)).toBe('token_invalid')
  })

  test('a token ends when it says', async () => {
    const { access_token } = await issuer.login()
    clock.ahead += 59
    expect(await codeOf(access_token)).toBeUndefined()
    clock.ahead += 2
    expect(await codeOf(access_token)).toBe('token_expired')
  })
})
