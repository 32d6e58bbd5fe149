/** Promises of discovery: whose description counts, where it may lie, and that its failure is an outage like any other (case 126). */
import { expect, test } from 'vitest'
import { descriptionUrls, keysUrl } from '../../../src/keys/discovery.js'
import { codeOf } from '../fixtures.js'
import { down, named, type Remote, remote, setOf } from './kit.js'

const ISSUER = 'https://login.example'
const OPENID = `${ISSUER}/.well-known/openid-configuration`
const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`
const KEYS = `${ISSUER}/keys`
const a = named('a')
const b = named('b')

const notFound = (): never => {
  throw Object.assign(new Error('the answer has status 404'), { status: 404 })
}

/** An issuer that publishes these documents, and nothing else. */
const site =
  (documents: Readonly<Record<string, unknown>>) =>
  (url: string): unknown =>
    documents[url] ?? notFound()

const discovering = (documents: Readonly<Record<string, unknown>>, discovery: true | string = true): Remote =>
  remote(site(documents), { source: { discovery } })

const description = { issuer: ISSUER, jwks_uri: KEYS }

test.each([
  [ISSUER, OPENID, OAUTH],
  [`${ISSUER}/`, OPENID, OAUTH],
  [
    `${ISSUER}:8443/realms/a`,
    `${ISSUER}:8443/realms/a/.well-known/openid-configuration`,
    `${ISSUER}:8443/.well-known/oauth-authorization-server/realms/a`,
  ],
  [`${ISSUER}/realms/a/`, `${ISSUER}/realms/a/.well-known/openid-configuration`, `${OAUTH}/realms/a`],
])('the description of %s may lie in two places', (issuer, openid, oauth) => {
  expect(descriptionUrls(issuer)).toEqual([openid, oauth])
})

test('the keys lie where the description says', async () => {
  const { keys, fetch } = discovering({ [OPENID]: description, [KEYS]: setOf(a) })
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(fetch.urls).toEqual([OPENID, KEYS])
  expect(keys.state().url).toBe(KEYS)
})

test('a server without OpenID is found by RFC 8414', async () => {
  const { keys, fetch } = discovering({ [OAUTH]: description, [KEYS]: setOf(a) })
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(fetch.urls).toEqual([OPENID, OAUTH, KEYS])
})

test.each([500, 429, 302, undefined])(
  'only "not found" is a reason to look in the other place, and %s is not',
  async (status) => {
    const failing = () => {
      throw Object.assign(new Error('no'), status === undefined ? {} : { status })
    }
    const { keys, fetch } = remote(failing, { source: { discovery: true } })
    expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
    expect(fetch.urls).toEqual([OPENID])
  },
)

test('a description under a URL of its own is taken from there alone', async () => {
  const url = 'https://elsewhere.example/description'
  const { keys, fetch } = discovering({ [url]: description, [KEYS]: setOf(a) }, url)
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(fetch.urls).toEqual([url, KEYS])
})

const others = [
  'https://evil.example',
  `${ISSUER}/`,
  'https://LOGIN.example',
  'http://login.example',
  `${ISSUER}:443`,
  '',
  null,
  undefined,
  [ISSUER],
]

test.each(others)('case 126: a description of %j is of another issuer', async (issuer) => {
  const { keys, fetch, reports } = discovering({ [OPENID]: { ...description, issuer }, [KEYS]: setOf(a) })
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  expect(fetch.urls).toEqual([OPENID])
  expect(reports).toEqual(['issuer login: its keys cannot be fetched: the description is of another issuer'])
})

test.each([null, [], 'x', 7, {}, { issuer: ISSUER }, { issuer: ISSUER, jwks_uri: 7 }])(
  '%j describes no issuer',
  (value) => {
    expect(() => keysUrl(value, ISSUER)).toThrow(/description/)
  },
)

test('the description is kept for an hour, and read again after any failure: the keys may have moved', async () => {
  const moved = `${ISSUER}/moved`
  const { keys, clock, fetch } = discovering({ [OPENID]: description, [KEYS]: setOf(a) })
  await keys.refresh()
  await keys.refresh()
  expect(fetch.urls).toEqual([OPENID, KEYS, KEYS])
  clock.now += 3_600
  await keys.refresh()
  expect(fetch.urls.slice(3)).toEqual([OPENID, KEYS])
  fetch.answer = site({ [OPENID]: { ...description, jwks_uri: moved }, [moved]: setOf(b) })
  expect(await codeOf(() => keys.refresh())).toBe('issuer_unreachable')
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  await keys.refresh()
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
  expect(keys.state().url).toBe(moved)
})

test('after a purge the description is read again, too', async () => {
  const { keys, fetch } = discovering({ [OPENID]: description, [KEYS]: setOf(a) })
  await keys.refresh()
  await keys.purge()
  await keys.find('a', 'ES256')
  expect(fetch.urls).toEqual([OPENID, KEYS, OPENID, KEYS])
})

test('a description that says it is fresh for a moment only is read again after it', async () => {
  const { keys, clock, fetch } = discovering({ [OPENID]: description, [KEYS]: setOf(a) })
  fetch.maxAge = 60
  await keys.refresh()
  clock.now += 60
  await keys.refresh()
  expect(fetch.urls).toEqual([OPENID, KEYS, OPENID, KEYS])
})

test('when the description cannot be read, the keys at hand are used as in any outage', async () => {
  const { keys, clock, fetch } = discovering({ [OPENID]: description, [KEYS]: setOf(a) })
  await keys.find('a', 'ES256')
  fetch.answer = down
  clock.now += 4_000
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  clock.now += 200
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
})

const unusable: readonly [string, object][] = [
  ['a key URL without https', { source: { jwksUrl: 'http://login.example/keys' } }],
  ['a key URL of this machine', { source: { jwksUrl: 'https://127.0.0.1/keys' } }],
  ['a key URL of this machine, in decimal', { source: { jwksUrl: 'https://2130706433/keys' } }],
  ['a key URL that is none', { source: { jwksUrl: 'keys.json' } }],
  ['a key URL with a password', { source: { jwksUrl: 'https://a:b@login.example/keys' } }],
  ['discovery without an issuer', { source: { discovery: true }, issuer: undefined }],
  ['discovery from a name that is no URL', { source: { discovery: true }, issuer: 'login' }],
  ['case 120: discovery from an issuer without https', { source: { discovery: true }, issuer: 'http://login.example' }],
  ['discovery from an issuer with a query', { source: { discovery: true }, issuer: `${ISSUER}?tenant=1` }],
  ['a description without https', { source: { discovery: 'http://login.example/description' } }],
]

test.each(unusable)('%s does not start', async (_, parts) => {
  expect(await codeOf(() => remote(down, parts))).toBe('options_invalid')
})

test('in development http and this machine are taken', () => {
  const parts = { source: { jwksUrl: 'http://127.0.0.1:3000/keys' }, allowHttp: true, allowPrivate: true }
  expect(remote(down, parts).keys.state().url).toBe('http://127.0.0.1:3000/keys')
})
