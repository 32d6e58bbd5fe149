/** Promises of keys that stand in the configuration: what is taken, under which algorithm, and what does not start (case 128). */
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { generateKey, privateJwk, publicJwk, thumbprint } from '../../../src/jwt/key.js'
import { type ConfiguredInput, configuredKeys } from '../../../src/keys/configured.js'
import { fakeClock, SECRET } from '../fixtures.js'
import { pem as pemOf, testCertificate } from './certificate.js'
import { named, setOf } from './kit.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const spki = (key: typeof pair.publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString()
const ecPem = spki(pair.publicKey)
const rsaPem = spki(rsa.publicKey)
const NOW = fakeClock().now
const at = (seconds: number) => new Date((NOW + seconds) * 1000)
const valid = testCertificate({ from: at(-60), until: at(60) })

const a = named('a')
const b = named('b')

/** The code and hint of what this throws. */
function refusal(input: ConfiguredInput, algorithms: Parameters<typeof configuredKeys>[1]): string {
  try {
    configuredKeys(input, algorithms, { clock: fakeClock() })
    return 'taken'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return `${error.code} ${error.hint}`
  }
}

test('a public key takes tokens of every name and of none, under the one algorithm that fits it', () => {
  const keys = configuredKeys({ pem: ecPem }, ['RS256', 'ES256'])
  expect(keys.find(undefined, 'ES256')).toMatchObject({ alg: 'ES256', kid: undefined })
  expect(keys.find('whatever', 'ES256')).toMatchObject({ alg: 'ES256' })
  expect(keys.find(undefined, 'RS256')).toBeUndefined()
  expect([keys.generation, keys.usableUntil]).toEqual([1, Number.POSITIVE_INFINITY])
  expect(keys.thumbprints()).toHaveLength(1)
})

test('several public keys are told apart by algorithm, or by thumbprint', async () => {
  const different = configuredKeys({ pem: [ecPem, rsaPem] }, ['RS256', 'ES256'])
  expect(different.find(undefined, 'RS256')).toMatchObject({ alg: 'RS256' })
  const other = spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey)
  const alike = configuredKeys({ pem: [ecPem, other] }, ['ES256'])
  expect(alike.find(undefined, 'ES256')).toBeUndefined()
  const [print = ''] = alike.thumbprints()
  expect(thumbprint((await alike.find(print, 'ES256')) ?? a)).toBe(print)
})

test('a key that fits several of the algorithms does not start: a token would choose', () => {
  expect(refusal({ pem: rsaPem }, ['RS256', 'PS256'])).toMatch(/options_invalid several algorithms.*RS256, PS256/)
  expect(refusal({ secret: randomBytes(64) }, ['HS256', 'HS512'])).toMatch(/options_invalid several algorithms/)
  expect(refusal({ jwk: { ...publicJwk(generateKey('RS256')), alg: undefined } }, ['RS256', 'RS512'])).toMatch(
    /several/,
  )
})

test('an RSA key speaks the algorithm that is pinned, as the seed with RS512 does', () => {
  expect(configuredKeys({ pem: rsaPem }, ['RS512']).find(undefined, 'RS512')).toMatchObject({ alg: 'RS512' })
})

test('a certificate gives its public key', async () => {
  const keys = configuredKeys({ pem: valid.cert }, ['ES256'], { clock: fakeClock() })
  expect((await keys.find(undefined, 'ES256'))?.material.equals(valid.publicKey)).toBe(true)
  const withRsa = testCertificate({ rsa: true })
  expect(configuredKeys({ pem: withRsa.cert }, ['RS256']).find('x', 'RS256')).toMatchObject({ alg: 'RS256' })
})

test('when a certificate ends while the process runs, its key ends with it, and so do kept verdicts', () => {
  const clock = fakeClock()
  const keys = configuredKeys({ pem: [valid.cert, rsaPem] }, ['ES256', 'RS256'], { clock })
  expect([keys.generation, keys.usableUntil]).toEqual([1, NOW + 60])
  clock.now += 60
  expect(keys.find(undefined, 'ES256')).toBeUndefined()
  expect(keys.find(undefined, 'RS256')).toMatchObject({ alg: 'RS256' })
  expect([keys.generation, keys.usableUntil]).toEqual([2, Number.POSITIVE_INFINITY])
})

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const encrypted = { ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'hello' } as const
const brokenCertificate = pemOf('CERTIFICATE', Buffer.from('no certificate'))
const weak = spki(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey)
const bad: readonly [string, string, RegExp][] = [
  ['a private key', pair.privateKey.export(pkcs8).toString(), /private key where a public one belongs/],
  ['an encrypted private key', pair.privateKey.export(encrypted).toString(), /encrypted/],
  ['two blocks', ecPem + ecPem, /exactly one block/],
  ['two certificates', valid.cert + valid.cert, /exactly one block/],
  ['a certificate with its private key', valid.cert + valid.key, /exactly one block/],
  ['text before the block', `Bag Attributes\n${ecPem}`, /exactly one block/],
  ['text behind the block', `${ecPem}trailing`, /exactly one block/],
  ['text behind a certificate', `${valid.cert}trailing`, /exactly one block/],
  [
    'bytes behind a certificate',
    pemOf('CERTIFICATE', Buffer.concat([der(valid.cert), Buffer.from('junk')])),
    /not a valid/,
  ],
  ['a certificate that expired', testCertificate({ until: at(0) }).cert, /has expired/],
  ['a certificate that is not valid yet', testCertificate({ from: at(1) }).cert, /not valid yet/],
  ['a certificate that is none', brokenCertificate, /not a valid certificate/],
  [
    'a public key that is called a certificate',
    ecPem.replaceAll('PUBLIC KEY', 'CERTIFICATE'),
    /not a valid certificate/,
  ],
  ['a weak key', weak, /2,048/],
  ['a key of another kind', rsaPem, /ES256: .*curve/],
  ['nothing', '', /exactly one block/],
]

function der(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
}

test.each(bad)('case 128: %s does not start', (what, pem, hint) => {
  const algorithms = what === 'a weak key' ? (['RS256'] as const) : (['ES256'] as const)
  expect(refusal({ pem }, algorithms)).toMatch(/^options_invalid /)
  expect(refusal({ pem }, algorithms)).toMatch(hint)
  expect(refusal({ pem: [ecPem, pem] }, ['ES256', ...algorithms])).toMatch(/^options_invalid /)
})

test('without a key or an algorithm nothing starts', () => {
  expect(refusal({ pem: [] }, ['ES256'])).toMatch(/^options_invalid /)
  expect(refusal({ pem: ecPem }, [])).toMatch(/^options_invalid /)
  expect(refusal({ jwks: { keys: [] } }, ['ES256'])).toMatch(/^options_invalid /)
  expect(refusal({ jwk: null as unknown as object }, ['ES256'])).toMatch(/^options_invalid /)
})

test('a JWK is found by its name, and a set by the names in it; keys that are for something else are left out', () => {
  const one = configuredKeys({ jwk: publicJwk(a) ?? {} }, ['ES256'])
  expect(one.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(one.find('x', 'ES256')).toBeUndefined()
  expect(one.find(undefined, 'ES256')).toMatchObject({ kid: 'a' })
  const jwks = { keys: [...setOf(a, b).keys, { ...publicJwk(named('enc')), use: 'enc' }] }
  const set = configuredKeys({ jwks }, ['ES256'])
  expect(set.find('b', 'ES256')).toMatchObject({ kid: 'b' })
  expect(set.find('enc', 'ES256')).toBeUndefined()
  expect(set.thumbprints()).toHaveLength(2)
})

test('case 128: a private JWK does not start, alone, in a set, or beside secrets', () => {
  expect(refusal({ jwk: privateJwk(a) }, ['ES256'])).toMatch(/^options_invalid /)
  expect(refusal({ jwks: { keys: [publicJwk(b), privateJwk(a)] } }, ['ES256'])).toMatch(/^options_invalid /)
  expect(refusal({ jwk: privateJwk(a) }, ['HS256', 'ES256'])).toMatch(/private key/)
})

test('a shared secret is for one HS algorithm, with the rules of every secret', () => {
  const keys = configuredKeys({ secret: SECRET }, ['HS256'])
  expect(keys.find(undefined, 'HS256')).toMatchObject({ alg: 'HS256' })
  expect(keys.find('any', 'HS256')).toMatchObject({ alg: 'HS256' })
  expect(configuredKeys({ jwk: privateJwk(generateKey('HS256')) }, ['HS256']).thumbprints()).toHaveLength(1)
  expect(refusal({ secret: SECRET }, ['RS256'])).toMatch(/not a secret/)
  expect(refusal({ secret: 'secret' }, ['HS256'])).toMatch(/at least 32 bytes/)
  expect(refusal({ secret: ecPem }, ['HS256'])).toMatch(/public or private key/)
})

test('two issuers with one key are seen by its thumbprint, however it is written down', () => {
  const [print] = configuredKeys({ pem: ecPem }, ['ES256']).thumbprints()
  const jwk = createPublicKey(ecPem).export({ format: 'jwk' })
  expect(configuredKeys({ jwks: { keys: [{ ...jwk, kid: 'x' }] } }, ['ES256']).thumbprints()).toEqual([print])
  const [other] = configuredKeys({ pem: rsaPem }, ['RS256']).thumbprints()
  expect(configuredKeys({ pem: rsaPem }, ['PS512']).thumbprints()).toEqual([other])
})

/** A key set in a file of its own, with everything that was reported about it. */
function inFile(name: string, first: unknown) {
  const path = join(folder, name)
  const clock = fakeClock()
  const reports: string[] = []
  let version = 0
  write(first)
  const keys = configuredKeys({ jwksFile: path }, ['ES256'], {
    clock,
    monotonic: clock,
    failed: (error) => reports.push(error.hint ?? ''),
  })
  return { keys, clock, reports, path, write }

  /** White space makes every version another length: dates alone may be the same for two of them. */
  function write(value: unknown): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    writeFileSync(path, text + ' '.repeat(version++))
  }
}

test('a set in a file is read at the start, and again within ten seconds after it changed', () => {
  const { keys, clock, write } = inFile('changing.json', setOf(a))
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect([keys.generation, keys.usableUntil]).toEqual([1, clock.now + 10])
  write(setOf(b))
  clock.now += 9
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  clock.now += 1
  expect(keys.usableUntil).toBe(0)
  expect(keys.find('a', 'ES256')).toBeUndefined()
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
  expect([keys.generation, keys.usableUntil]).toEqual([2, clock.now + 10])
  write(setOf(b))
  clock.now += 10
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
  expect(keys.generation).toBe(2)
})

test.each(['{"keys":[', '{"keys":[]}', '[]', '', `{"a":"${'x'.repeat(262_144)}"}`])(
  'a file that becomes %.12s is reported once, and the keys that were in it stay',
  (text) => {
    const { keys, clock, reports, write } = inFile('breaking.json', setOf(a))
    write(text)
    for (let look = 0; look < 3; look++) {
      clock.now += 10
      expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
    }
    expect(reports).toEqual([expect.stringMatching(/^the key set file: /)])
  },
)

test('a file that is taken away is reported, and read again when it is back', () => {
  const { keys, clock, reports, path, write } = inFile('going.json', setOf(a))
  unlinkSync(path)
  clock.now += 10
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(reports).toHaveLength(1)
  write(setOf(b))
  clock.now += 10
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test('a file that cannot be read does not start', () => {
  expect(refusal({ jwksFile: join(folder, 'nowhere.json') }, ['ES256'])).toMatch(/^options_invalid .*ENOENT/)
  expect(refusal({ jwksFile: folder }, ['ES256'])).toMatch(/^options_invalid /)
  writeFileSync(join(folder, 'private.json'), JSON.stringify({ keys: [privateJwk(a)] }))
  expect(refusal({ jwksFile: join(folder, 'private.json') }, ['ES256'])).toMatch(/^options_invalid .*private key/)
})
