/** Reading, proving and signing compact JWS: one spelling per token, no exception but ours, nothing believed early (cases 35, 49-50, 60-75). */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Algorithm, algorithms } from '../../src/jwt/algorithms.js'
import { createSigner, type Jws, parseJws, signJws, verifyBytes, verifyJws } from '../../src/jwt/jws.js'
import { generateKey, importKey, type Key } from '../../src/jwt/key.js'
import { forge, invalid, keyPolicy, refusal, secretKey } from './support.js'

const keys = new Map(algorithms.map((alg) => [alg, generateKey(alg)]))
const keyOf = (alg: Algorithm): Key => keys.get(alg) as Key
const claims = { iss: 'https://api.example.com', sub: 'alice', exp: 1_900_000_000, roles: ['a', { b: 'é' }] }

test.each(algorithms)('%s: the signature covers every bit of the token (case 69)', (alg) => {
  const token = createSigner(keyOf(alg), { typ: 'at+jwt' })({ sub: 'a' })
  for (let at = 0; at < token.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1)
      const refused = refusal(() => verifyJws(parseJws(flipped), keyOf(alg)))
      if (refused?.code !== 'token_invalid') expect([at, bit, refused?.code]).toEqual([at, bit, 'token_invalid'])
    }
  }
})

describe('one spelling per token (case 50)', () => {
  const samples = algorithms.filter((alg) => !alg.startsWith('RS')).map((alg) => signJws({}, claims, keyOf(alg)))
  const edit = fc.record({
    sample: fc.constantFrom(...samples),
    edits: fc.array(
      fc.record({
        at: fc.nat(400),
        text: fc.string({ unit: fc.constantFrom(...'AQgw-_+/=. .\n\u0000éŁ'), maxLength: 2 }),
        drop: fc.nat(2),
      }),
      { maxLength: 3 },
    ),
  })

  test('whatever parses is what its decoded parts encode to', () => {
    let parsed = 0
    fc.assert(
      fc.property(edit, ({ sample, edits }) => {
        const token = edits.reduce(
          (text, { at, text: insert, drop }) => text.slice(0, at) + insert + text.slice(at + drop),
          sample,
        )
        if (refusal(() => parseJws(token))) return
        parsed++
        expect(
          token
            .split('.')
            .map((part) => Buffer.from(part, 'base64url').toString('base64url'))
            .join('.'),
        ).toBe(token)
      }),
      { numRuns: 5_000 },
    )
    expect(parsed).toBeGreaterThan(500)
  })

  test('what is signed parses, and says the same', () => {
    const key = keyOf('HS256')
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
        ),
        (said) => {
          const { token } = parseJws(createSigner(key)(said))
          expect(verifyJws(parseJws(token), key)).toEqual(JSON.parse(JSON.stringify(said)))
        },
      ),
    )
  })
})

test('anything at all is answered with an AuthError', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'ey.-_=') })),
      (input) => {
        expect(refusal(() => verifyJws(parseJws(input), keyOf('HS256')))?.code).toBe('token_invalid')
      },
    ),
    { numRuns: 2_000 },
  )
})

describe('size (case 60)', () => {
  const filled = (length: number) => {
    const token = (fill: number) =>
      forge(JSON.stringify({ alg: 'HS256' }), JSON.stringify({ x: 'f'.repeat(fill) }), keyOf('HS256'))
    let fill = Math.floor((length - token(0).length) * 0.75)
    while (token(fill).length < length) fill++
    return token(fill)
  }

  test('8,192 characters are the most unless set, 16,384 in any case', () => {
    const [small, large] = [filled(8_190), filled(8_194)]
    expect(small.length).toBeLessThanOrEqual(8_192)
    expect(verifyJws(parseJws(small), keyOf('HS256'))).toBeTypeOf('object')
    expect(refusal(() => parseJws(large))).toEqual(invalid('too_large'))
    expect(verifyJws(parseJws(large, { maxBytes: 16_384 }), keyOf('HS256'))).toBeTypeOf('object')
    expect(refusal(() => parseJws(filled(16_386), { maxBytes: 1e9 }))).toEqual(invalid('too_large'))
    expect(refusal(() => parseJws(small, { maxBytes: 4_096 }))).toEqual(invalid('too_large'))
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('a limit of %d lets nothing more through', (maxBytes) => {
    expect(refusal(() => parseJws(filled(16_386), { maxBytes }))).toEqual(invalid('too_large'))
  })

  test('what would be too large to read is not signed', () => {
    for (const alg of ['HS256', 'ES256'] as const) {
      expect(refusal(() => createSigner(keyOf(alg))({ x: 'f'.repeat(12_000) }))).toEqual(keyPolicy)
      expect(refusal(() => createSigner(keyOf(alg))({ x: '€'.repeat(20_000) }))).toEqual(keyPolicy)
    }
  })
})

describe('verifying', () => {
  const key = keyOf('ES256')

  test('one key, one algorithm (cases 6, 16)', () => {
    for (const alg of algorithms.filter((name) => name !== 'ES256')) {
      expect(refusal(() => verifyJws(parseJws(signJws({}, claims, keyOf(alg))), key))).toEqual(invalid('alg_mismatch'))
    }
  })

  test('claims are frozen all the way down (case 136)', () => {
    const said = verifyJws(parseJws(signJws({}, claims, key)), key) as typeof claims
    expect(said).toEqual(claims)
    expect([said, said.roles, said.roles[1]].every((part) => Object.isFrozen(part))).toBe(true)
  })

  test('tokens may be parsed side by side and verified in any order', () => {
    const pairs = algorithms.map((alg) => ({ key: keyOf(alg), token: signJws({}, { alg }, keyOf(alg)) }))
    const parsed: { jws: Jws; key: Key }[] = pairs.map(({ key: own, token }) => ({ jws: parseJws(token), key: own }))
    for (const { jws, key: own } of [...parsed].reverse().concat(parsed)) {
      refusal(() => parseJws('a.b.c'))
      expect(verifyJws(jws, own)).toEqual({ alg: own.alg })
    }
  })

  test('the layer below takes any payload, this one only an object in JSON', () => {
    const hello = forge(JSON.stringify({ alg: 'ES256' }), 'hello', key)
    expect(verifyBytes(parseJws(hello), key).toString()).toBe('hello')
    expect(refusal(() => verifyJws(parseJws(hello), key))).toEqual(invalid('payload_json'))
    const empty = forge(JSON.stringify({ alg: 'ES256' }), '', key)
    expect(verifyBytes(parseJws(empty), key)).toHaveLength(0)
    expect(refusal(() => verifyJws(parseJws(empty), key))).toEqual(invalid('structure'))
  })

  test('bytes handed out are a copy', () => {
    const jws = parseJws(signJws({}, { a: 1 }, key))
    const first = verifyBytes(jws, key)
    verifyBytes(parseJws(signJws({}, { b: 2 }, key)), key)
    expect(first.toString()).toBe('{"a":1}')
  })

  test('nothing about the payload is said before the signature is good (case 75)', () => {
    for (const payload of ['{', '[]', '{"a":1,"a":2}', '\uFEFF{}', `${'['.repeat(50)}${']'.repeat(50)}`]) {
      const forged = forge(JSON.stringify({ alg: 'ES256' }), payload, generateKey('ES256'))
      expect(refusal(() => verifyJws(parseJws(forged), key))).toEqual(invalid('signature'))
    }
  })

  test('a key of the wrong material is refused, not crashed on', () => {
    const wrong: Key = { kid: undefined, alg: 'HS256', material: key.material }
    expect(refusal(() => verifyJws(parseJws(signJws({}, {}, keyOf('HS256'))), wrong))?.code).toBe('options_invalid')
    const secretForEc: Key = { kid: undefined, alg: 'ES256', material: keyOf('HS256').material }
    expect(refusal(() => verifyJws(parseJws(signJws({}, {}, key)), secretForEc))).toEqual(invalid('signature'))
  })
})

describe('HMAC', () => {
  test.each([
    ['HS256', 'sha256', [1, 32, 63, 64, 65, 200]],
    ['HS384', 'sha384', [1, 48, 127, 128, 129, 200]],
    ['HS512', 'sha512', [1, 64, 127, 128, 129, 200]],
  ] as const)('%s is the HMAC of node:crypto for keys of any length', (alg, hash, lengths) => {
    for (const length of lengths) {
      const secret = Buffer.alloc(length, length)
      const token = signJws({}, claims, secretKey(secret, alg))
      const [header, payload, signature] = token.split('.')
      expect(createHmac(hash, secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature)
      expect(verifyJws(parseJws(token), secretKey(secret, alg))).toEqual(claims)
    }
  })

  test('keys and lengths may alternate', () => {
    const two = [importKey({ secret: 'first-secret-first-secret-0123456789' }, 'HS256'), keyOf('HS256'), keyOf('HS512')]
    for (let round = 0; round < 20; round++) {
      const key = two[round % 3] as Key
      expect(verifyJws(parseJws(signJws({}, { n: 'x'.repeat(round) }, key)), key)).toEqual({ n: 'x'.repeat(round) })
    }
  })
})

describe('headers', () => {
  const key = keyOf('HS256')
  const header = (said: object) => forge(JSON.stringify(said), '{}', key)

  test('what is read of a header is alg, kid and typ, frozen', () => {
    const { header: read } = parseJws(header({ alg: 'HS256', kid: 'k', typ: 'JWT', jwk: {}, x5c: [], iss: 'x' }))
    expect(read).toEqual({ alg: 'HS256', kid: 'k', typ: 'JWT' })
    expect(Object.isFrozen(read)).toBe(true)
    expect(parseJws(header({ alg: 'HS256' })).header).toEqual({ alg: 'HS256' })
  })

  test('a header is remembered once its token was proved genuine, and then not parsed again', () => {
    const forged = `${Buffer.from('{"alg":"HS256","kid":"forged"}').toString('base64url')}.e30.AAAA`
    refusal(() => verifyJws(parseJws(forged), key))
    expect(parseJws(forged).header).not.toBe(parseJws(forged).header)
    const genuine = header({ alg: 'HS256', kid: 'genuine' })
    verifyJws(parseJws(genuine), key)
    expect(parseJws(genuine).header).toBe(parseJws(genuine).header)
    const another = header({ alg: 'HS256', kid: 'another' })
    verifyJws(parseJws(another), key)
    expect(parseJws(genuine).header).toBe(parseJws(genuine).header)
    expect(parseJws(another).header).not.toBe(parseJws(genuine).header)
  })

  test('a longer header that begins like a remembered one is another header', () => {
    const short = header({ alg: 'HS256' })
    verifyJws(parseJws(short), key)
    expect(refusal(() => parseJws(`${short.split('.')[0]}e30.e30.AAAA`))?.code).toBe('token_invalid')
  })

  test.each(['jwt', 'JWT', 'application/jwt'])('cty %s is refused, another one is not looked at (case 37)', (cty) => {
    expect(refusal(() => parseJws(header({ alg: 'HS256', cty })))).toEqual(invalid('unsupported_header'))
    expect(refusal(() => parseJws(header({ alg: 'HS256', cty: 'json' })))).toBeUndefined()
  })

  test('2,048 bytes and 16 members are taken, one more is not (case 40)', () => {
    const filler = 2_048 - JSON.stringify({ alg: 'HS256', x: '' }).length
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, 0]))
    expect(refusal(() => parseJws(header({ alg: 'HS256', x: 'f'.repeat(filler) })))).toBeUndefined()
    expect(refusal(() => parseJws(header({ alg: 'HS256', x: 'f'.repeat(filler + 1) })))).toEqual(invalid('too_large'))
    expect(refusal(() => parseJws(header({ alg: 'HS256', ...many(15) })))).toBeUndefined()
    expect(refusal(() => parseJws(header({ alg: 'HS256', ...many(16) })))).toEqual(invalid('too_large'))
  })
})

describe('signing', () => {
  const key = keyOf('ES256')
  const headerOf = (token: string) => Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()

  test('alg and kid come from the key and stand first; kid can be left out', () => {
    expect(headerOf(signJws({ typ: 'JWT' }, {}, key))).toBe(`{"alg":"ES256","kid":"${key.kid}","typ":"JWT"}`)
    expect(headerOf(signJws({ typ: 'JWT', kid: undefined }, {}, key))).toBe('{"alg":"ES256","typ":"JWT"}')
    expect(headerOf(createSigner(key)({}))).toBe(`{"alg":"ES256","kid":"${key.kid}"}`)
  })

  test('a header that would be refused is not signed', () => {
    for (const header of [{ alg: 'none' }, { alg: 'ES384' }, { alg: undefined }])
      expect(refusal(() => signJws(header, {}, key))).toEqual(keyPolicy)
    for (const header of [{ crit: ['x'] }, { kid: '' }, { typ: 5 }, { b64: false }])
      expect(refusal(() => signJws(header, {}, key))?.code).toBe('token_invalid')
  })

  test('a key that lost its algorithm signs nothing', () => {
    const lost: Key = { ...key, alg: 'none' as Algorithm }
    expect(refusal(() => signJws({}, {}, lost))).toEqual(keyPolicy)
    expect(refusal(() => verifyJws(parseJws(signJws({}, {}, key)), lost))).toEqual(invalid('alg_mismatch'))
  })
})
