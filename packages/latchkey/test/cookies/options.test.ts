/** Options of browsers that would not be safe, or never work, stop the start: the message names the option. */
import { describe, expect, test } from 'vitest'
import { bearer, createAuth, oneCookie, splitCookies } from '../../src/index.js'
import { ISSUER, SECRET } from '../auth-kit.js'

function hintOf(options: object): string | undefined {
  try {
    void createAuth({
      issuer: ISSUER,
      database: 'memory',
      secret: SECRET,
      development: false,
      ...options,
    } as never).close()
    return undefined
  } catch (error) {
    const { code, hint } = error as { code?: string; hint?: string }
    return code === 'options_invalid' ? hint : `not a refusal of options but ${error}`
  }
}

describe.each(Object.entries({ oneCookie, splitCookies }))('%s', (_name, transport) => {
  const withCookies = (options: unknown) => hintOf({ transports: [transport(options as object)] })

  test.each([
    ['null', null, 'transports '],
    ['a number', 5, 'transports '],
    ['text', 'x', 'transports '],
    ['a list', [], 'transports '],
    ['an option that is not known', { secure: false }, 'transports.secure '],
    ['names that are no object', { names: 'x' }, 'transports.names '],
    ['a name that is not known', { names: { session: 'x' } }, 'transports.names.session '],
    ['a name that is a number', { names: { access: 5 } }, 'transports.names.access '],
    ['an empty name', { names: { csrf: '' } }, 'transports.names.csrf '],
    ['a name with its prefix', { names: { refresh: '__Host-rt' } }, 'transports.names.refresh '],
    ['a name with a prefix in capitals', { names: { refresh: '__SECURE-rt' } }, 'transports.names.refresh '],
    ['a name with a space', { names: { access: 'a b' } }, 'the cookie name'],
    ['a name that ends an attribute (case 176)', { names: { access: 'a;b' } }, 'the cookie name'],
    ['a name with a line break (case 176)', { names: { access: 'a\r\nSet-Cookie: b' } }, 'the cookie name'],
    ['a name with an equals sign', { names: { csrf: 'a=b' } }, 'the cookie name'],
    ['a domain that is a number', { domain: 5 }, 'transports.domain '],
    ['an empty domain', { domain: '' }, 'transports.domain '],
    ['a domain that ends an attribute (case 176)', { domain: 'example.com; Path=/' }, 'the domain of the cookie'],
    ['a domain with a line break (case 176)', { domain: 'example.com\r\n' }, 'the domain of the cookie'],
    ['a domain with a dot before it', { domain: '.example.com' }, 'the domain of the cookie'],
    ['a domain of somebody else', { domain: 'evil.example' }, 'transports.domain '],
    ['a domain that only ends alike', { domain: 'ample.com' }, 'transports.domain '],
    ['a domain below the host', { domain: 'www.api.example.com' }, 'transports.domain '],
    ['a top-level domain', { domain: 'com' }, 'transports.domain '],
    ['a SameSite in small letters', { sameSite: 'lax' }, 'transports sameSite'],
    ['a SameSite that is none', { sameSite: 'Lax; Domain=evil.example' }, 'transports sameSite'],
    ['a SameSite that is null', { sameSite: null }, 'transports sameSite'],
    ['former cookies that are no list', { formerly: { access: 'at' } }, 'transports.formerly '],
    ['a former cookie that is no object', { formerly: ['at'] }, 'transports.formerly[0] '],
    ['a former name that is a number', { formerly: [{ access: 5 }] }, 'transports.formerly[0].access '],
    ['a former name that ends an attribute (case 176)', { formerly: [{ refresh: 'a;b' }] }, 'the cookie name'],
    [
      'a former path that ends an attribute (case 176)',
      { formerly: [{ access: 'a', path: '/;x' }] },
      'the path of the cookie',
    ],
  ])('%s', (_what, options, hint) => expect(withCookies(options)).toContain(hint))

  test('two cookies of one name', () => {
    expect(withCookies({ names: { access: 'x', csrf: transport === oneCookie ? 'x' : 'x_payload' } })).toContain(
      'same name',
    )
  })

  test('names, a domain above the host and every SameSite are taken as they should be', () => {
    expect(withCookies({ names: { access: 'at', refresh: 'rt', csrf: 'ct' } })).toBeUndefined()
    for (const domain of ['example.com', 'api.example.com']) expect(withCookies({ domain })).toBeUndefined()
    for (const sameSite of ['Lax', 'Strict', 'None']) expect(withCookies({ sameSite })).toBeUndefined()
  })

  test('cookies over plain http are refused in production, whatever names the origin (case 178)', () => {
    const transports = [transport()]
    expect(hintOf({ transports, issuer: 'http://api.example.com' })).toContain('issuer')
    expect(hintOf({ transports, origin: 'http://api.example.com' })).toContain('origin ')
    expect(hintOf({ transports, origin: 'http://localhost:8000' })).toContain('origin ')
    expect(hintOf({ transports, issuer: 'an-issuer', origin: undefined })).toMatch(/origin |issuer/)
  })

  test('so they are in development, but for a host that is this machine', () => {
    const started = (origin: string) => hintOf({ transports: [transport()], development: true, origin })
    for (const origin of [
      'http://localhost',
      'http://localhost:8000',
      'http://app.localhost:1',
      'http://127.0.0.1:9',
      'http://[::1]:9',
    ])
      expect([origin, started(origin)]).toEqual([origin, undefined])
    for (const origin of [
      'http://192.0.2.1',
      'http://localhost.example.com',
      'http://notlocalhost',
      'http://127.0.0.2',
    ])
      expect([origin, started(origin)]).toEqual([origin, expect.stringContaining('origin ')])
    expect(
      hintOf({ transports: [transport({ sameSite: 'None' })], development: true, origin: 'http://localhost' }),
    ).toContain('sameSite')
  })
})

test.each([
  ['nothing', [], 'transports '],
  ['a number', 5, 'transports '],
  ['text', 'bearer', 'transports '],
  ['one that is not in a list', bearer(), 'transports '],
  ['a name of one', ['bearer'], 'transports[0] '],
  ['an empty object', [bearer(), {}], 'transports[1] '],
  ['undefined', [undefined], 'transports[0] '],
  ['a transport by cookie without its parentheses', [oneCookie], 'transports[0] '],
  ['two transports by cookie', [oneCookie(), splitCookies()], 'transports '],
  ['the same one twice', [oneCookie(), oneCookie()], 'transports '],
])('transports that are none: %s', (_what, transports, hint) => expect(hintOf({ transports })).toContain(hint))

test.each([
  '',
  5,
  null,
  true,
  {},
  '*',
  'null',
  'api.example.com',
  'https://api.example.com/',
  'https://api.example.com/path',
  'https://API.example.com',
  'https://api.example.com:443',
  'https://user@api.example.com',
  'https://api.example.com?x',
  'https://api.example.com#x',
  'ftp://api.example.com',
  'https://',
  ' https://api.example.com',
  'https://*.example.com',
  'https://exämple.com',
  'data:text/html,x',
])('an origin that no browser writes is refused: %j (case 268)', (origin) => {
  expect(hintOf({ transports: [oneCookie()], origin })).toContain('origin ')
  expect(hintOf({ transports: [oneCookie()], cors: { origins: ['https://app.example.com', origin] } })).toContain(
    'cors.origins[1] ',
  )
})

test.each([
  null,
  5,
  '*',
  [],
  ['https://app.example.com'],
  {},
  { origins: '*' },
  { origins: 'https://app.example.com' },
  { origins: null },
])('a list of origins that is none is refused: %j (case 268)', (cors) =>
  expect(hintOf({ transports: [oneCookie()], cors })).toContain('cors'),
)

test.each(['yes', 1, {}])('a silent refresh that is neither true nor false is refused: %j', (silentRefresh) =>
  expect(hintOf({ transports: [oneCookie()], silentRefresh })).toContain('silentRefresh '),
)

test('a silent refresh without cookies is refused, and so is one without refresh tokens', () => {
  expect(hintOf({ silentRefresh: true })).toContain('silentRefresh ')
  expect(hintOf({ silentRefresh: true, transports: [oneCookie()] })).toBeUndefined()
  expect(hintOf({ silentRefresh: true, transports: [oneCookie()], refresh: 'single' })).toContain('silentRefresh ')
})

test.each(['/auth;x', '/auth\r\n', '/a uth', 'auth', '/auth,x\u00e9'])(
  'a base path that would end an attribute is refused: %j (case 176)',
  (basePath) => {
    expect(hintOf({ transports: [oneCookie()], basePath })).toMatch(/basePath|the path of the cookie/)
  },
)
