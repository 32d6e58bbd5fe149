/** Cases 25-41: what a header may ask for, bring along or point at. */
import { generateKey, privateJwk, publicJwk } from '../../jwt/key.js'
import { encodeBase64url } from '../../util/bytes.js'
import { bad, type Defect, type DefectContext, encodePart, type Forger, good, macOf, signatureOf } from './forge.js'

export function headerDefects(context: DefectContext, forge: Forger): readonly Defect[] {
  return [...extensions(context, forge), ...embedded(context, forge), ...kids(context, forge), ...forms(context, forge)]
}

function extensions({ claims }: DefectContext, forge: Forger): Defect[] {
  const entry = (number: number, name: string, changes: Readonly<Record<string, unknown>>) =>
    bad(number, name, forge.token(forge.header(changes), claims), 'unsupported_header')
  const crits = [[], 'exp', ['alg'], ['__proto__'], ['x', 'x'], ['absent']]
  const raw = `${encodePart(forge.header({ b64: false, crit: ['b64'] }))}.raw-payload`
  return [
    entry(25, 'a critical extension', { crit: ['x'], x: 1 }),
    ...crits.map((crit) => entry(26, `crit ${JSON.stringify(crit)}`, { crit })),
    entry(27, 'b64 false without crit', { b64: false }),
    entry(27, 'b64 true with crit', { b64: true, crit: ['b64'] }),
    bad(27, 'b64 false, crit and a raw payload', `${raw}.${forge.sign(raw)}`, 'unsupported_header'),
    entry(36, 'zip', { zip: 'DEF' }),
    entry(36, 'enc', { enc: 'A128GCM' }),
    entry(36, 'p2c', { p2c: 2_147_483_647 }),
    entry(36, 'epk', { epk: { kty: 'EC' } }),
    entry(36, 'apu', { apu: 'QQ' }),
    bad(
      37,
      'a token as payload',
      forge.token(forge.header({ cty: 'JWT' }), forge.token(forge.header(), claims)),
      'unsupported_header',
    ),
  ]
}

function embedded({ claims }: DefectContext, forge: Forger): Defect[] {
  const stranger = generateKey(forge.key.alg)
  const jwk = publicJwk(stranger) ?? privateJwk(stranger)
  const brought: readonly [number, string, Readonly<Record<string, unknown>>][] = [
    [28, 'an embedded jwk', { jwk }],
    [29, 'a jku', { jku: 'http://127.0.0.1:9/jwks.json' }],
    [29, 'an x5u', { x5u: 'http://127.0.0.1:9/cert.pem' }],
    [30, 'an x5c', { x5c: [encodeBase64url('certificate')] }],
    [30, 'an x5t', { x5t: encodeBase64url('thumbprint') }],
  ]
  const byStranger = (changes: Readonly<Record<string, unknown>>) => {
    const input = `${encodePart(forge.header(changes))}.${encodePart(claims)}`
    return `${input}.${signatureOf(input, stranger)}`
  }
  return [
    ...brought.map(([number, name, changes]) => bad(number, `${name}, signed by it`, byStranger(changes), 'signature')),
    ...brought.map(([number, name, changes]) =>
      good(number, `${name}, signed by us: never looked at`, forge.token(forge.header(changes), claims)),
    ),
    good(
      39,
      'claims repeated in the header with other values: never looked at',
      forge.token(forge.header({ iss: 'https://evil.example', sub: 'root', aud: 'other' }), claims),
    ),
  ]
}

function kids({ claims }: DefectContext, forge: Forger): Defect[] {
  const keyedWith = (kid: string, secret: string) => {
    const input = `${encodePart(forge.header({ alg: 'HS256', kid }))}.${encodePart(claims)}`
    return `${input}.${macOf(input, secret)}`
  }
  const withKid = (kid: unknown) => forge.token(forge.header({ kid }), claims)
  const refused = [
    "x' UNION SELECT '1';--",
    '|sleep 10',
    '$(id)',
    '{{7*7}}',
    7,
    null,
    ['a'],
    { a: 1 },
    '',
    'a\u0000b',
    'a\u202Eb',
  ]
  return [
    bad(31, 'kid of a file, empty key', keyedWith('../../../../dev/null', ''), 'key_unknown'),
    bad(31, 'kid of an absolute path, empty key', keyedWith('/dev/null', ''), 'key_unknown'),
    bad(32, 'kid of a query, keyed with its result', keyedWith("x' UNION SELECT '1';--", '1'), 'kid'),
    ...refused.map((kid, at) =>
      bad(at === 0 ? 32 : at < 4 ? 33 : 34, `kid ${JSON.stringify(kid)}`, withKid(kid), 'kid'),
    ),
    bad(34, 'kid of 129 characters', withKid('k'.repeat(129)), 'kid'),
    bad(34, 'kid of 5,000 characters', withKid('k'.repeat(5_000)), 'too_large'),
    // Where tokens name no key, a name is nothing to look up.
    ...(forge.header().kid === undefined ? [] : [bad(34, 'kid __proto__', withKid('__proto__'), 'key_unknown')]),
  ]
}

function forms({ claims }: DefectContext, forge: Forger): Defect[] {
  const token = forge.token(forge.header(), claims)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const flat = { protected: header, payload, signature }
  const general = { payload, signatures: [{ protected: header, signature }] }
  const own = Object.keys(JSON.parse(JSON.stringify(forge.header()))).length
  const many = Object.fromEntries(Array.from({ length: 17 - own }, (_, at) => [`m${at}`, at]))
  const filler = 2_049 - Buffer.byteLength(JSON.stringify(forge.header({ filler: '' })))
  return [
    bad(38, 'the flattened JSON form', JSON.stringify(flat), 'structure'),
    bad(38, 'the general JSON form', JSON.stringify(general), 'structure'),
    bad(38, 'the flattened JSON form as an object', flat, 'malformed'),
    bad(38, 'a token inside JSON', JSON.stringify({ token }), 'b64'),
    bad(38, 'JSON that dots split into three', `{"protected":"${header}.","payload":"${payload}.${signature}"}`, 'b64'),
    bad(40, '17 header members', forge.token(forge.header(many), claims), 'too_large'),
    bad(40, 'a header of 2,049 bytes', forge.token(forge.header({ filler: 'f'.repeat(filler) }), claims), 'too_large'),
    bad(41, 'five parts', `${header}.${payload}.${signature}.${payload}.${signature}`, 'structure'),
  ]
}
