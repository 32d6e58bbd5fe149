/** The Authorization header over sockets, with a genuine token: what is a credential, what is none, and what is refused unread. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bearer, oneCookie } from '../../src/index.js'
import { withBrowser } from '../cookies/kit.js'
import { byHand, listening } from '../cookies/servers.js'

describe.each(Object.entries(byHand))('in %s', (_name, make) => {
  let kit: Awaited<ReturnType<typeof withBrowser>>
  let server: Awaited<ReturnType<typeof listening>>
  let token = ''

  beforeAll(async () => {
    kit = await withBrowser({ transports: [bearer(), oneCookie()] })
    token = (await kit.auth.tokens.issue(kit.user)).access
    server = await listening(await make(kit))
  })
  afterAll(async () => {
    await server.close()
    await kit.auth.close()
  })

  /** Status and code of `GET /auth/me` with these values of the header. */
  async function me(...values: string[]): Promise<readonly [number, string | undefined]> {
    const lines = values.flatMap((value) => ['Authorization', value])
    const { status, body } = await server.ask('GET', '/auth/me', { lines })
    return [status, body?.code]
  }

  test('the scheme is taken in any case (case 180)', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
      expect(await me(`${scheme} ${token}`)).toEqual([200, undefined])
  })

  test('a genuine token behind another scheme, or none, is no credential (case 181)', async () => {
    for (const value of [
      `Basic ${token}`,
      `Token ${token}`,
      `JWT ${token}`,
      `Bearer2 ${token}`,
      `Bearer:${token}`,
      token,
    ])
      expect([value.slice(0, 8), ...(await me(value))]).toEqual([value.slice(0, 8), 401, 'credential_missing'])
  })

  test('two headers are one too many, though Node shows the first alone (case 182)', async () => {
    for (const second of [`Bearer ${token}`, 'Bearer nonsense', 'Basic YTpi', '']) {
      expect([second.slice(0, 12), ...(await me(`Bearer ${token}`, second))]).toEqual([
        second.slice(0, 12),
        400,
        'credential_ambiguous',
      ])
    }
    expect((await me('Basic YTpi', `Bearer ${token}`))[0]).toBeGreaterThanOrEqual(400)
  })

  test('what is not one space and one token is refused (case 183)', async () => {
    for (const value of [
      `Bearer ${token}, Bearer ${token}`,
      `Bearer  ${token}`,
      `Bearer\t${token}`,
      `Bearer ${token},`,
      'Bearer',
      `Bearer ${token} x`,
    ])
      expect([value.slice(0, 9), (await me(value))[0]]).toEqual([value.slice(0, 9), 400])
  })

  test('a token anywhere else is not looked at (case 184)', async () => {
    for (const path of [`/auth/me?access_token=${token}`, `/auth/me?token=${token}&authorization=Bearer%20${token}`])
      expect((await server.ask('GET', path)).body.code).toBe('credential_missing')
    for (const name of ['x-access-token', 'x-authorization', 'proxy-authorization', 'x-api-key', 'token'])
      expect((await server.ask('GET', '/auth/me', { headers: { [name]: `Bearer ${token}` } })).body.code).toBe(
        'credential_missing',
      )
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const posted = await server.ask('POST', '/auth/logout/everywhere', { headers: form, body: `access_token=${token}` })
    expect([401, 415]).toContain(posted.status)
    expect((await kit.auth.sessions.list(kit.user.id)).length).toBe(1)
  })

  test('letters that no token has are a bad token, and a header without end is refused (case 185)', async () => {
    for (const value of ['Bearer %', 'Bearer \u00e9', 'Bearer \u00ff\u00fe', `Bearer ${token.slice(0, -1)}\u00e9`])
      expect(await me(value)).toEqual([401, 'token_invalid'])
    expect((await me(`Bearer ${'a'.repeat(12_000)}`))[0]).toBe(401)
    const endless = { connection: 'close', authorization: `Bearer ${'a'.repeat(20_000)}` }
    const told = await server.ask('GET', '/auth/me', { headers: endless }).then(
      ({ status }) => status,
      () => 'ended',
    )
    expect([431, 'ended']).toContain(told)
    const { status } = await server.ask('GET', '/auth/me', {
      headers: { connection: 'close', authorization: `Bearer ${token}` },
    })
    expect(status).toBe(200)
  })
})
