/** Reading cookies: names to the letter, each once, values as they stand. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { MODES, withBrowser } from './kit.js'
import { byHand, listening } from './servers.js'

describe.each(Object.entries(MODES))('with %s', (mode, transport) => {
  const kit = (options = {}) => withBrowser({ transports: [transport()], ...options })
  const access = mode === 'one cookie' ? ['access_token'] : ['access_payload', 'access_signature']
  const host = (names: readonly string[]) => names.map((name) => `__Host-${name}`)

  test('a cookie that stands twice is refused, with equal values or others, in one header (case 165)', async () => {
    const { login, call, cookie, csrf } = await kit()
    await login()
    for (const [path, name] of [
      ...host(access).map((name) => ['/auth/me', name]),
      ...host(access).map((name) => ['/auth/refresh', name]),
      ...host(access).map((name) => ['/auth/logout', name]),
      ['/auth/refresh', '__Secure-refresh_token'],
      ['/auth/refresh', '__Host-csrf_token'],
      ['/auth/logout', '__Host-csrf_token'],
    ] as const) {
      const all = cookie('/auth')
      const own = new RegExp(`${name}=([^;]*)`).exec(all)?.[1]
      for (const value of [own, 'another', '']) {
        const headers = { cookie: `${all}; ${name}=${value}`, ...csrf() }
        const { status, body } = await call(path === '/auth/me' ? 'GET' : 'POST', path, { headers })
        expect([path, name, value, status, body?.code]).toEqual([path, name, value, 400, 'credential_ambiguous'])
      }
    }
  })

  test.each(Object.entries(byHand))(
    'so it is in two headers, on the sockets of %s (cases 165, 167)',
    async (_name, make) => {
      const { login, auth, user, cookie, csrf } = await kit()
      await login()
      const { ask, close } = await listening(await make({ auth, user }))
      const own = cookie('/auth')
      for (const [method, path] of [
        ['GET', '/auth/me'],
        ['POST', '/own/logout'],
        ['POST', '/auth/refresh'],
      ]) {
        for (const second of [own, `${host(access)[0]}=planted-for-a-longer-path`]) {
          const lines = ['Cookie', own, 'Cookie', second]
          const { status, body } = await ask(method as string, path as string, { lines, headers: csrf() })
          expect([path, status, body?.code]).toEqual([path, 400, 'credential_ambiguous'])
        }
        const beside = await ask('GET', '/auth/me', { lines: ['Cookie', own, 'Cookie', 'theme=dark'] })
        expect(beside.status).toBe(200)
      }
      await close()
    },
  )

  test('a twin of another host or path has another name, or is one too many (case 167)', async () => {
    const { login, call, cookie, jar } = await kit()
    await login()
    // What a sibling can plant has no `__Host-` prefix, and means nothing here.
    const planted = access.map((name) => `${name}=x; __Secure-${name}=x`).join('; ')
    expect((await call('GET', '/auth/me', { headers: { cookie: `${planted}; ${cookie('/')}` } })).status).toBe(200)
    expect((await call('GET', '/auth/me', { headers: { cookie: planted } })).body.code).toBe('credential_missing')
    const bare = await kit({ issuer: 'http://localhost:8000', development: true })
    await bare.send('POST', '/auth/login', { body: LOGIN, headers: { origin: 'http://localhost:8000' } })
    const name = access[0] as string
    const twice = `${name}=planted; ${bare.cookie('/')}`
    expect((await call('GET', '/auth/me', { headers: { cookie: twice } })).body.code).toBe('credential_missing')
    expect((await bare.call('GET', '/auth/me', { headers: { cookie: twice } })).body.code).toBe('credential_ambiguous')
    expect(jar.size).toBeGreaterThan(0)
  })

  test('whatever only looks like the name is another cookie (case 166)', async () => {
    const { login, call, cookie } = await kit()
    await login()
    const pairs = cookie('/')
      .split('; ')
      .filter((pair) => pair.includes('access'))
    const spelled = (change: (name: string, value: string) => string) =>
      pairs.map((pair) => change(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))).join('; ')
    const me = async (header: string) => {
      const { status, body } = await call('GET', '/auth/me', { headers: { cookie: header } })
      return [status, body.code]
    }
    expect(await me(spelled((name, value) => `${name}=${value}`))).toEqual([200, undefined])
    const others: readonly [string, (name: string, value: string) => string][] = [
      ['lower case', (name, value) => `${name.toLowerCase()}=${value}`],
      ['upper case', (name, value) => `${name.toUpperCase()}=${value}`],
      ['a no-break space before', (name, value) => `\u00a0${name}=${value}`],
      ['a space after', (name, value) => `${name} =${value}`],
      ['a second space before', (name, value) => `x=1;  ${name}=${value}`],
      ['a tab before', (name, value) => `x=1;\t${name}=${value}`],
      ['a nameless one', (name, value) => `=${name}=${value}`],
      ['a longer name', (name, value) => `x${name}=${value}; ${name}x=${value}; ${name}.x=${value}`],
      ['a name in brackets', (name, value) => `${name}[0]=${value}`],
      ['a comma between', (name, value) => `x=1, ${name}=${value}`],
      ['no value', (name) => name],
      ['an empty value', (name) => `${name}=`],
      ['inside a value', (name, value) => `x="; =${name}=${value}"`],
      ['percent signs', (name, value) => `${name.replace('_', '%5F')}=${value}`],
    ]
    const exact = spelled((name, value) => `${name}=${value}`)
    for (const [what, change] of others) {
      expect([what, ...(await me(spelled(change)))]).toEqual([what, 401, 'credential_missing'])
      // Nor is it a second one of the name, beside the real one. An empty one is.
      const beside = what === 'an empty value' ? [400, 'credential_ambiguous'] : [200, undefined]
      expect([what, ...(await me(`${exact}; ${spelled(change)}`))]).toEqual([what, ...beside])
    }
    // Quotes belong to the value, and a version is a cookie like any other.
    expect((await me(spelled((name, value) => `${name}="${value}"`)))[0]).toBe(401)
    expect(await me(`$Version=1; ${spelled((name, value) => `${name}=${value}; $Path=/`)}`)).toEqual([200, undefined])
  })

  test('a value is not decoded, and no value is an exception (case 168)', async () => {
    const { login, call, cookie } = await kit()
    await login()
    const name = host(access).at(-1) as string
    const good = new RegExp(`${name}=([^;]*)`).exec(cookie('/'))?.[1] as string
    const encoded = `${good.slice(0, -1)}%${good.charCodeAt(good.length - 1).toString(16)}`
    for (const value of [
      encoded,
      '%',
      '%zz',
      '%00',
      '%0d%0a',
      '%25',
      '\u00e9',
      '"',
      'a b',
      '='.repeat(9),
      '.',
      '...',
      '\u00ff'.repeat(500),
    ]) {
      const headers = { cookie: cookie('/', { [name]: value }) }
      const { status, body } = await call('GET', '/auth/me', { headers })
      expect([value, status, body.code]).toEqual([
        value,
        401,
        mode === 'one cookie' ? 'token_invalid' : 'token_expired',
      ])
    }
  })

  test('a token in the header beside one in a cookie is one too many, whoever they belong to (case 169)', async () => {
    for (const transports of [
      [transport(), bearer()],
      [bearer(), transport()],
    ]) {
      const { login, call, auth, user, cookie } = await kit({ transports })
      await login({ transport: 'cookie' })
      const bob = await auth.users.create({ username: 'bob', password: LOGIN.password })
      const own = (await auth.tokens.issue(user)).access
      const other = (await auth.tokens.issue(bob)).access
      const good = cookie('/')
      const half = cookie('/', { [host(access)[0] as string]: '' })
      for (const [token, cookies] of [
        [own, good],
        [other, good],
        ['nonsense', good],
        [own, cookie('/', { [host(access)[0] as string]: 'nonsense' })],
        ...(mode === 'one cookie' ? [] : [[own, half]]),
      ] as [string, string][]) {
        const { status, body } = await call('GET', '/auth/me', { token, headers: { cookie: cookies } })
        expect([status, body.code]).toEqual([400, 'credential_ambiguous'])
      }
    }
  })

  test('a refresh token in the body beside one in a cookie is one too many (case 169)', async () => {
    const { login, call, auth, user, cookie, csrf } = await kit({ transports: [transport(), bearer()] })
    await login()
    const { refresh } = await auth.tokens.issue(user)
    const headers = { cookie: cookie('/auth/refresh'), ...csrf() }
    const { status, body } = await call('POST', '/auth/refresh', { body: { refresh_token: refresh }, headers })
    expect([status, body.code]).toEqual([400, 'credential_ambiguous'])
  })
})

test('without a transport by cookie no cookie is one, and without bearer no header is (case 187)', async () => {
  const cookies = await withBrowser()
  await cookies.login()
  const headers = { cookie: cookies.cookie('/') }
  const { access } = await cookies.auth.tokens.issue(cookies.user)
  expect((await cookies.call('GET', '/auth/me', { token: access })).body.code).toBe('credential_missing')
  expect((await cookies.call('GET', '/auth/me', { token: 'nonsense', headers })).status).toBe(200)
  const header = await withBrowser({ transports: [bearer()] })
  expect((await header.call('GET', '/auth/me', { headers })).body.code).toBe('credential_missing')
})

const LOGIN = { username: 'alice', password: 'correct horse battery' }
