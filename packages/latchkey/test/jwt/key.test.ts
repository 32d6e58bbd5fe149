/** The key policy: what is imported, and for what it is good (cases 6-22). */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Algorithm, algorithms } from '../../src/jwt/algorithms.js'
import { parseJws, signJws, verifyJws } from '../../src/jwt/jws.js'
import {
  generateKey,
  importKey,
  type Key,
  type KeyInput,
  privateJwk,
  publicJwk,
  thumbprint,
} from '../../src/jwt/key.js'
import { keyPolicy, refusal, vector } from './support.js'

const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 37 + 11) % 251)
const text = (length: number) => Buffer.from(bytes(length)).toString('base64url').slice(0, length)
const jwkOf = (alg: Algorithm, changes: Record<string, unknown> = {}): KeyInput => ({
  jwk: { ...publicJwk(pairs[alg]), ...changes },
})
const pairs = Object.fromEntries(algorithms.map((alg) => [alg, generateKey(alg)])) as Record<Algorithm, Key>
const asymmetric = algorithms.filter((alg) => !alg.startsWith('HS'))

const refused = (input: unknown, alg: Algorithm, options?: Parameters<typeof importKey>[2]) =>
  expect(refusal(() => importKey(input as KeyInput, alg, options))).toEqual(keyPolicy)

describe.each(algorithms)('%s', (alg) => {
  const key = pairs[alg]

  test('a generated key signs what it verifies, and its kid is its thumbprint', () => {
    expect(key.kid).toBe(thumbprint(key))
    expect(verifyJws(parseJws(signJws({}, { a: 1 }, key)), key)).toEqual({ a: 1 })
  })

  test('a key survives its private JWK', () => {
    const again = importKey({ jwk: privateJwk(key) }, alg, { sign: true })
    expect(again.kid).toBe(key.kid)
    expect(verifyJws(parseJws(signJws({}, { a: 1 }, again)), key)).toEqual({ a: 1 })
  })

  test('the public JWK has no private member (case 20)', () => {
    const jwk = publicJwk(key)
    if (alg.startsWith('HS')) expect(jwk).toBeUndefined()
    else expect(Object.keys(jwk ?? {}).sort()).toEqual(publicMembers[jwk?.kty ?? ''])
  })
})

const publicMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
  EC: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  OKP: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
}

describe('secrets (cases 8-12)', () => {
  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('%s needs %d bytes (case 10)', (alg, length) => {
    expect(importKey({ secret: bytes(length) }, alg).alg).toBe(alg)
    expect(importKey({ secret: text(length) }, alg).material.symmetricKeySize).toBe(length)
    refused({ secret: bytes(length - 1) }, alg)
    refused({ secret: `${text(length - 1)}\n` }, alg)
    refused({ secret: text(length - 1) }, alg)
  })

  test('base64: and hex: say how the bytes are written (case 8)', () => {
    const secret = Buffer.from(bytes(32))
    const written = [
      `base64:${secret.toString('base64')}`,
      `base64:${secret.toString('base64url')}`,
      `hex:${secret.toString('hex')}`,
    ]
    written.push(
      `hex:${secret.toString('hex').toUpperCase()}\n`,
      `base64: ${secret.toString('base64').replace('=', '')} `,
    )
    for (const secretText of written)
      expect(importKey({ secret: secretText }, 'HS256').material.export()).toEqual(secret)
    for (const broken of [
      'base64:***',
      `hex:${'0g'.repeat(40)}`,
      `hex:${secret.toString('hex')}0`,
      `base64:${text(43)}!`,
    ]) {
      refused({ secret: broken }, 'HS256')
    }
  })

  test.each([
    ['empty text', ''],
    ['empty bytes', new Uint8Array(0)],
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['an object', {}],
    ['an array', [1, 2, 3]],
  ])('%s is no secret (case 9)', (_, secret) => refused({ secret }, 'HS256'))

  test.each([
    ['32 identical bytes', new Uint8Array(32).fill(7)],
    ['one word', 'secret'.repeat(12)],
    ['one word, cut off', 'password'.repeat(5).slice(0, 37)],
    ['two letters in disorder', 'abbabaabababbbabaababbabababaabbab'],
    ['16 bytes twice', Buffer.concat([bytes(16), bytes(16)])],
  ])('%s repeat themselves (case 12)', (_, secret) => refused({ secret }, 'HS256'))

  test('32 bytes twice are still 32 bytes', () => {
    const twice = Buffer.concat([bytes(32), bytes(32)])
    expect(importKey({ secret: twice }, 'HS256').alg).toBe('HS256')
    refused({ secret: twice }, 'HS512')
  })

  test('a key is not a secret, however it is written (cases 6-8)', () => {
    for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
      const key = pairs[alg]
      const pem = String(key.public?.export({ type: 'spki', format: 'pem' }))
      const privatePem = String(key.material.export({ type: 'pkcs8', format: 'pem' }))
      const der = key.public?.export({ type: 'spki', format: 'der' }) ?? Buffer.alloc(0)
      const jwk = JSON.stringify(publicJwk(key))
      const forms = [
        pem,
        ` ${pem}`,
        `\uFEFF${pem}`,
        `# note\n${pem}`,
        privatePem,
        pem.replaceAll('\n', ''),
        der,
        der.toString('base64'),
      ]
      forms.push(jwk, ` ${jwk}`, `\uFEFF${jwk}`, `[${jwk}]`, `{"keys":[${jwk}]}`, `base64:${der.toString('base64')}`)
      forms.push(key.material.export({ type: 'pkcs8', format: 'der' }), `ssh-ed25519 ${text(60)}`, Buffer.from(pem))
      for (const secret of forms) refused({ secret }, 'HS256')
    }
    const pkcs1 = pairs.RS256.public?.export({ type: 'pkcs1', format: 'der' })
    refused({ secret: pkcs1 }, 'HS256')
  })

  test('text that only begins like a key is a secret', () => {
    for (const secret of [`{${text(40)}`, `0${text(40)}`, `MF${text(40)}`])
      expect(importKey({ secret }, 'HS256').alg).toBe('HS256')
  })

  test('what the caller does to the bytes later has no effect (case 21)', () => {
    const secret = bytes(32)
    const key = importKey({ secret }, 'HS256')
    secret.fill(0)
    expect(key.material.export()).toEqual(Buffer.from(bytes(32)))
  })
})

describe('RSA (cases 13-14)', () => {
  const jwkWith = (bits: number, exponent = 65_537) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
    // Read back first, as generateKey does, and for the same reason.
    return createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' })
  }

  test('2,048 bits are enough, 2,040 are not', () => {
    expect(importKey({ jwk: jwkWith(2_048) }, 'RS256').alg).toBe('RS256')
    refused({ jwk: jwkWith(2_040) }, 'RS256')
    refused({ jwk: jwkWith(1_024) }, 'PS256')
  })

  test('8,192 bits are the most', () => {
    const odd = (size: number) =>
      Buffer.concat([Buffer.from([0xc5]), Buffer.from(bytes(size - 2)), Buffer.from([1])]).toString('base64url')
    expect(importKey({ jwk: { kty: 'RSA', n: odd(1_024), e: 'AQAB' } }, 'RS256').alg).toBe('RS256')
    refused({ jwk: { kty: 'RSA', n: odd(1_025), e: 'AQAB' } }, 'RS256')
  })

  test.each([
    ['1', 'AQ'],
    ['3', 'Aw'],
    ['even', 'AQAC'],
    ['2^32 + 1', 'AQAAAAE'],
    ['65,535', '__8'],
  ])('the exponent %s is refused', (_, e) => refused(jwkOf('RS256', { e }), 'RS256'))

  test('an exponent above 65,537 is fine', () => {
    expect(importKey({ jwk: jwkWith(2_048, 65_539) }, 'RS256').alg).toBe('RS256')
  })

  test('a modulus of the broken TPM library is refused (case 14, CVE-2017-15361)', () => {
    const groups: { comment: string; public: { keys: object[] } }[] = vector(
      'wycheproof/json_web_key_test.json',
    ).testGroups
    const roca = groups.find(({ comment }) => comment === 'jws_rsa_roca_key')?.public.keys[0]
    expect(() => importKey({ jwk: roca }, 'RS256')).toThrow(
      expect.objectContaining({ hint: 'the RSA modulus is factorable' }),
    )
  })

  test('an even modulus is refused', () => {
    const n = Buffer.from(String(publicJwk(pairs.RS256)?.n), 'base64url')
    n[n.length - 1] = (n.at(-1) ?? 0) & 0xfe
    refused(jwkOf('RS256', { n: n.toString('base64url') }), 'RS256')
  })

  test('a key bound to PSS by its own type is refused', () => {
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2_048 })
    refused({ pem: publicKey.export({ type: 'spki', format: 'pem' }) }, 'PS256')
  })
})

describe('curves (case 15)', () => {
  const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
    String(key.export({ type: 'spki', format: 'pem' }))

  test.each(['secp224r1', 'secp256k1', 'secp384r1', 'secp521r1'])('%s is not for ES256', (namedCurve) => {
    refused({ pem: pem(generateKeyPairSync('ec', { namedCurve }).publicKey) }, 'ES256')
  })

  test('Ed448 and X25519 are not for EdDSA', () => {
    refused({ pem: pem(generateKeyPairSync('ed448').publicKey) }, 'EdDSA')
    refused({ pem: pem(generateKeyPairSync('x25519').publicKey) }, 'EdDSA')
  })

  test('a point off the curve is refused', () => {
    const y = Buffer.from(String(publicJwk(pairs.ES256)?.y), 'base64url')
    y[31] = (y[31] ?? 0) ^ 1
    refused(jwkOf('ES256', { y: y.toString('base64url') }), 'ES256')
    refused(jwkOf('ES256', { x: 'AA', y: 'AA' }), 'ES256')
  })

  test('a coordinate has its full length', () => {
    const { x } = publicJwk(pairs.ES256) ?? {}
    const padded = Buffer.concat([Buffer.alloc(1), Buffer.from(String(x), 'base64url')]).toString('base64url')
    refused(jwkOf('ES256', { x: padded }), 'ES256')
  })

  test.each([
    ['0', '00'.repeat(32)],
    ['0, the other sign', `${'00'.repeat(31)}80`],
    ['1', `01${'00'.repeat(31)}`],
    ['-1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order 8, the other one', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ])('an Ed25519 key of small order or not canonical is refused: y = %s (case 67)', (_, hex) => {
    refused({ jwk: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') } }, 'EdDSA')
  })
})

describe('what a JWK says of itself (cases 16-18)', () => {
  test.each(asymmetric)('%s: use, key_ops and alg must agree', (alg) => {
    expect(importKey(jwkOf(alg, { use: undefined, key_ops: ['verify'] }), alg).alg).toBe(alg)
    const other = algorithms.find((name) => name !== alg)
    const changes = [
      { use: 'enc' },
      { use: 5 },
      { key_ops: ['sign'] },
      { key_ops: 'verify' },
      { key_ops: [] },
      { key_ops: ['verify', 'verify'] },
    ]
    for (const change of [...changes, { key_ops: ['encrypt'] }, { alg: other }, { alg: 5 }, { kty: 'oct' }, { kty: 5 }])
      refused(jwkOf(alg, change), alg)
  })

  test.each([5, null, '', 'a b', '\u202E', 'k'.repeat(129), '$(id)'])('the kid %j is refused', (kid) => {
    refused(jwkOf('ES256', { kid }), 'ES256')
    refused(jwkOf('ES256'), 'ES256', { kid: kid as string })
  })

  test('a kid given at import overrides the own one', () => {
    expect(importKey(jwkOf('ES256'), 'ES256', { kid: 'a' }).kid).toBe('a')
    expect(importKey(jwkOf('ES256', { kid: undefined }), 'ES256').kid).toBeUndefined()
  })

  test.each([null, undefined, 7, 'x', [], {}, { kty: 'EC' }, { kty: 'oct', k: text(43) }])(
    '%j is no key for ES256',
    (jwk) => {
      refused({ jwk }, 'ES256')
    },
  )

  test('members of another key type are refused', () => {
    refused(jwkOf('ES256', { k: text(43) }), 'ES256')
    refused({ jwk: { ...privateJwk(pairs.RS256), oth: [] } }, 'RS256')
    refused({ jwk: { ...privateJwk(pairs.RS256), p: undefined } }, 'RS256')
  })

  test('a getter is read once (case 22)', () => {
    const reads = new Map<string, number>()
    const jwk = new Proxy({ ...publicJwk(pairs.ES256) } as Record<string, unknown>, {
      get(target, name: string) {
        reads.set(name, (reads.get(name) ?? 0) + 1)
        return target[name]
      },
    })
    expect(importKey({ jwk }, 'ES256').kid).toBe(pairs.ES256.kid)
    expect([...reads.values()].every((times) => times === 1)).toBe(true)
  })

  test('a getter that throws is a refusal', () => {
    const trap = () => {
      throw new Error('no')
    }
    refused({ jwk: new Proxy({}, { get: trap }) }, 'ES256')
  })
})

describe('private and public halves', () => {
  test.each(asymmetric)('%s: signing needs the private one, an issuer gives the public one', (alg) => {
    refused(jwkOf(alg), alg, { sign: true })
    refused({ jwk: privateJwk(pairs[alg]) }, alg, { sign: false })
    expect(importKey(jwkOf(alg), alg, { sign: false }).material.type).toBe('public')
    const verifier = importKey(jwkOf(alg), alg)
    expect(refusal(() => signJws({}, {}, verifier))).toEqual(keyPolicy)
    expect(refusal(() => privateJwk(verifier))).toEqual(keyPolicy)
  })

  test('halves of two pairs are refused', () => {
    for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
      const { x, y, n } = publicJwk(generateKey(alg)) ?? {}
      refused({ jwk: { ...privateJwk(pairs[alg]), x, y, n } }, alg)
    }
  })

  test('key_ops of a private key names signing', () => {
    const jwk = { ...privateJwk(pairs.ES256), use: undefined }
    expect(importKey({ jwk: { ...jwk, key_ops: ['sign'] } }, 'ES256', { sign: true }).alg).toBe('ES256')
    refused({ jwk: { ...jwk, key_ops: ['verify'] } }, 'ES256', { sign: true })
  })
})

describe('PEM (case 128)', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))

  test.each([
    ['PKCS #8', privateKey.export({ type: 'pkcs8', format: 'pem' })],
    ['SEC 1', privateKey.export({ type: 'sec1', format: 'pem' })],
    ['SPKI', pem],
    ['SPKI with CRLF', pem.replaceAll('\n', '\r\n')],
    ['SPKI with white space around', `\n  ${pem}\n`],
  ])('%s is read', (_, text) => {
    expect(thumbprint(importKey({ pem: String(text) }, 'ES256'))).toBe(thumbprint(importKey({ pem }, 'ES256')))
  })

  test.each([
    ['two blocks', pem + pem],
    ['text after it', `${pem}x`],
    ['text before it', `x${pem}`],
    ['a certificate', pem.replaceAll('PUBLIC KEY', 'CERTIFICATE')],
    ['an encrypted key', privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })],
    ['another block', pem.replaceAll('PUBLIC KEY', 'EC PARAMETERS')],
    ['nonsense inside', pem.replace(/\n.{10}/, '\nAAAAAAAAAA')],
    ['another label at the end', pem.replace('END PUBLIC', 'END PRIVATE')],
    ['empty text', ''],
    ['bytes', Buffer.from(pem)],
    ['undefined', undefined],
  ])('%s is refused', (_, text) => refused({ pem: text }, 'ES256'))

  test('a PEM key is for its own kind of algorithm only', () => {
    for (const alg of ['HS256', 'RS256', 'ES384', 'EdDSA'] as const) refused({ pem }, alg)
    refused({ secret: text(64) }, 'ES256')
  })
})

test('an algorithm that does not exist is refused, with any key', () => {
  for (const alg of ['none', '__proto__', 'ES256K', 'es256'] as unknown as Algorithm[]) {
    refused(jwkOf('ES256'), alg)
    expect(refusal(() => generateKey(alg))).toEqual(keyPolicy)
  }
})

test('a thumbprint of a secret tells nothing about it, and differs by algorithm', () => {
  const [a, b] = (['HS256', 'HS512'] as const).map((alg) => thumbprint(importKey({ secret: bytes(64) }, alg)))
  expect(a).not.toBe(b)
  expect(thumbprint(importKey({ secret: bytes(64) }, 'HS256'))).toBe(a)
})

test('a key is frozen (case 21)', () => {
  expect(Object.isFrozen(pairs.ES256) && Object.isFrozen(importKey(jwkOf('ES256'), 'ES256'))).toBe(true)
})

test('hints never show key material', () => {
  const secret = 'hunter2-hunter2-hunter2-hunter'
  expect(() => importKey({ secret }, 'HS256')).toThrow(
    expect.objectContaining({ hint: expect.not.stringContaining('hunter2') }),
  )
  expect(createPublicKey(pairs.ES256.material).type).toBe('public')
})
