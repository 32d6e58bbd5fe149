/** Odd tokens at every door of the presets that came from Django: a refusal in the original's form, never a crash, never a way in. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { BASE, client } from './djwto-client.js'
import * as djwto from './djwto-kit.js'
import * as drf from './drf-jwt-kit.js'
import * as jwtauth from './jwtauth-kit.js'
import { conversation, SIGNING_KEY } from './simplejwt-kit.js'

const HEADER = { alg: 'HS256', typ: 'JWT' }

function token(key: string, claims: unknown, header: object = HEADER, hash = 'sha256'): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${parts.join('.')}.${createHmac(hash, key).update(parts.join('.')).digest('base64url')}`
}

/** Each made of a good token, so that nothing but the oddity is against it. */
function odd(good: string, key: string): Readonly<Record<string, string>> {
  const [head = '', body = '', mac = ''] = good.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const but = (changes: object) => token(key, { ...claims, ...changes })
  const without = (name: string) => but({ [name]: undefined })
  const ids = [[1], {}, null, '', true, 1.5, 1e40, -1, 'x'.repeat(300), 'a\u0000b']
  return {
    ...{ empty: '', dots: '..', 'four parts': `${good}.x`, 'no signature': `${head}.${body}.`, words: 'a b c' },
    ...{ 'alg none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.` },
    ...{
      'alg HS512': token(key, claims, { alg: 'HS512', typ: 'JWT' }, 'sha512'),
      crit: token(key, claims, { ...HEADER, crit: ['b64'] }),
    },
    ...{
      'another key': token(`not ${key}`, claims),
      'a list': token(key, [claims]),
      null: token(key, null),
      text: token(key, 'x'),
    },
    ...{ 'another spelling': `${head}.${body}.${mac.slice(0, -1)}${String.fromCharCode(mac.charCodeAt(42) + 1)}` },
    ...{
      'exp text': but({ exp: '9' }),
      'exp huge': but({ exp: 1e300 }),
      'exp null': but({ exp: null }),
      'no exp': without('exp'),
    },
    ...{ 'iat text': but({ iat: 'x' }), 'iat ahead': but({ iat: claims.iat + 600 }), 'no iat': without('iat') },
    ...{ 'nbf ahead': but({ nbf: claims.iat + 600 }), 'nbf a list': but({ nbf: [] }) },
    ...{
      'bound to a key': but({ cnf: { jkt: 'x' } }),
      'jti a number': but({ jti: 5 }),
      'sid a list': but({ sid: [1] }),
    },
    ...Object.fromEntries(
      ids.map((id) => [
        `user ${JSON.stringify(id).slice(0, 20)}`,
        but({ user: { id, username: 'alice' }, user_id: id }),
      ]),
    ),
    ...{
      'no user': but({ user: undefined, user_id: undefined }),
      'user a list': but({ user: ['id', 'username'], user_id: [] }),
    },
    ...{ 'a user who is not there': but({ user: { id: 999, username: 'x' }, user_id: 999, sid: undefined }) },
  }
}

/** Well-formed, and signed by whoever has the key: what the original's tokens may say, too. Neither of them asks the database who that is. */
const HARMLESS = ['jti a number', 'sid a list', 'user -1', 'a user who is not there']

test('djwto: an odd token opens no view and no endpoint, in the header and in the cookies', async () => {
  let asked = 0
  for (const mode of ['JSON', 'TWO-COOKIES'] as const) {
    const one = await client({ DJWTO_MODE: mode })
    const { access = one.jar.get('jwt_access_token')?.value, refresh = one.jar.get('jwt_refresh')?.value } =
      await one.logIn()
    for (const [kind, good] of Object.entries({ access, refresh })) {
      for (const [name, bad] of Object.entries(
        odd(
          good ?? one.jar.get(kind === 'access' ? 'jwt_access_token' : 'jwt_refresh')?.value ?? '',
          djwto.SIGNING_KEY,
        ),
      )) {
        if (HARMLESS.includes(name)) continue
        one.jar.set(kind === 'access' ? 'jwt_access_token' : 'jwt_refresh', { value: bad, path: '/' })
        if (mode === 'JSON') one.headers.authorization = `Bearer ${bad}`
        const form = { jwt_type: kind }
        const answers = [
          ...(kind === 'access'
            ? [await one.ask('GET', '/testapp/protect/'), await one.ask('POST', '/validate_access/', form)]
            : []),
          ...(kind === 'refresh'
            ? await Promise.all(
                ['validate_refresh/', 'refresh_access/', 'update_refresh/', 'logout/'].map((path) =>
                  one.ask('POST', `${BASE}/${path}`, form),
                ),
              )
            : []),
        ]
        asked += answers.length
        expect([mode, kind, name, answers.map(({ status }) => status)]).toEqual([
          mode,
          kind,
          name,
          answers.map(() => 403),
        ])
        for (const { text } of answers) expect(JSON.parse(text)).toEqual({ error: expect.any(String) })
      }
    }
  }
  count('odd tokens asked of djwto', asked)
})

test('jwtauth: an odd token signs nobody in, in either cookie and in the header', async () => {
  const { send } = await jwtauth.application()
  const ask = async (headers: Record<string, string>) => {
    const response = await send(new Request(`${jwtauth.ORIGIN}/username/`, { headers }))
    return [response.status, await response.text()]
  }
  const login = await send(
    new Request(`${jwtauth.ORIGIN}/login/`, { method: 'POST', body: '{"username":"alice","password":"password"}' }),
  )
  const [access = '', refresh = ''] = login.headers.getSetCookie().map((line) => line.split(';', 1)[0]?.split('=')[1])
  expect(await ask({ cookie: `access_token=${access}; refresh_token=${refresh}` })).toEqual([
    200,
    '{"username":"alice"}',
  ])
  let asked = 0
  for (const [kind, good] of Object.entries({ access, refresh })) {
    for (const [name, bad] of Object.entries(odd(good, jwtauth.SIGNING_KEY))) {
      if (HARMLESS.includes(name)) continue
      const cookie =
        kind === 'access'
          ? `access_token=${bad}; refresh_token=${refresh}`
          : `access_token=${access}; refresh_token=${bad}`
      expect([kind, name, ...(await ask({ cookie }))]).toEqual([kind, name, 200, '{"username":""}'])
      if (kind === 'access')
        expect([name, ...(await ask({ authorization: `Bearer ${bad}` }))]).toEqual([name, 200, '{"username":""}'])
      asked += 1
    }
  }
  count('odd tokens asked of jwtauth', asked)
})

/** Of a refresh token the session says whose it is, and one of nobody here can still be blacklisted; a token may have no date. */
const OF_NOBODY = ['no iat', 'no user', 'user -1', 'a user who is not there']

test('simplejwt: an odd token opens no view, buys nothing and ends nothing, whatever kind it is of', async () => {
  const one = await conversation({ AUTH_TOKEN_CLASSES: ['AccessToken', 'SlidingToken'], CHECK_REVOKE_TOKEN: true })
  const { access, refresh } = await one.obtain()
  const doors = {
    access: [access, [one.view, one.refresh, one.blacklist, one.slideOn]],
    refresh: [refresh, [one.view, one.refresh, one.blacklist, one.slideOn]],
    sliding: [await one.slide(), [one.view, one.refresh, one.blacklist, one.slideOn]],
  } as const
  let asked = 0
  for (const [kind, [good, all]] of Object.entries(doors))
    for (const [name, bad] of Object.entries(odd(good, SIGNING_KEY))) {
      if (OF_NOBODY.includes(name)) continue
      const answers = await Promise.all([...all, one.verify].map((door) => door(bad)))
      asked += answers.length
      const told = answers.pop()
      expect([kind, name, answers.filter(({ status }) => ![400, 401].includes(status))]).toEqual([kind, name, []])
      expect([kind, name, [200, 400, 401].includes(told?.status ?? 0)]).toEqual([kind, name, true])
      for (const { body, status } of answers) if (status === 401) expect(body.detail).toEqual(expect.any(String))
    }
  expect((await one.view(access)).status).toBe(200)
  expect((await one.refresh(refresh)).status).toBe(200)
  count('odd tokens asked of simplejwt', asked)
})

test('drf-jwt: an odd token opens no view, buys nothing and ends nothing, in either variant', async () => {
  let asked = 0
  for (const variant of ['2017', '1.17'] as const) {
    const { send } = await drf.application({ variant, JWT_ALLOW_REFRESH: true }, 1_795_313_202)
    const ask = async (path: string, body: object | undefined, headers: Record<string, string> = {}) => {
      const init = body && { method: 'POST', body: JSON.stringify(body) }
      const all = { 'content-type': 'application/json', ...headers }
      const response = await send(new Request(`${drf.ORIGIN}${path}`, { headers: all, ...init }))
      return { status: response.status, body: await response.json() }
    }
    const scheme = variant === '2017' ? 'JWT' : 'Bearer'
    const good = (await ask('/api-token-auth/', { username: 'alice', password: 'password' })).body.token
    for (const [name, bad] of Object.entries(odd(good, drf.KEY))) {
      // The older package has neither: they say nothing there.
      if (['no iat', 'jti a number'].includes(name)) continue
      const answers = [
        await ask('/api/protected/', undefined, { authorization: `${scheme} ${bad}` }),
        await ask('/api-token-refresh/', { token: bad }),
        await ask('/api-token-verify/', { token: bad }),
      ]
      asked += answers.length
      const statuses = answers.map(({ status }) => status)
      expect([variant, name, statuses]).toEqual([variant, name, [401, 400, 400]])
    }
    const view = await ask('/api/protected/', undefined, { authorization: `${scheme} ${good}` })
    expect(view.status).toBe(200)
  }
  count('odd tokens asked of drf-jwt', asked)
})
