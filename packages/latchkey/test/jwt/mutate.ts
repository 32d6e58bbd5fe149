/** Mutants of a good token: some broken after they were signed, most signed after they were broken. */
import type { Key } from '../../src/jwt/key.js'
import { forge, signatureOf } from './support.js'

/** A reproducible source of choices. */
export interface Draw {
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

/** mulberry32: 32 bits of state are enough to name a run by its seed. */
export function draw(seed: number): Draw {
  let state = seed >>> 0
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  return { below, pick: (from) => from[below(from.length)] as (typeof from)[number] }
}

const characters = [...'AZaz09-_+/=. \n\t%"{}[]:,\\\u0000é。Ł\u200b']
const values = [
  ...['null', 'true', '0', '-0', '-1', '1e400', '-1e400', '1e300', '1800000300', '1800000300.5', '1.8e9', '18000003e2'],
  ...[
    '9007199254740993',
    '"1800000300"',
    '""',
    '"a"',
    '"\\ud800"',
    '"\\u0000"',
    '"é"',
    '[]',
    '{}',
    '["https://api.example.com"]',
  ],
  ...[
    '["https://api.example.com",1]',
    '[["https://api.example.com"]]',
    '"https://api.example.com"',
    '"HTTPS://api.example.com"',
  ],
  ...[
    '"at+jwt"',
    '"AT+JWT"',
    '"application/at+jwt"',
    '"JWT"',
    '"none"',
    '"HS256"',
    '"RS256"',
    '["b64"]',
    'false',
    '01',
    '+1',
    '.5',
    'NaN',
  ],
]
const names = [
  'iss',
  'aud',
  'sub',
  'exp',
  'nbf',
  'iat',
  'jti',
  'sid',
  'cnf',
  'alg',
  'typ',
  'kid',
  'crit',
  'b64',
  'zip',
  'cty',
  'jwk',
  '__proto__',
  'constructor',
  '\\u0073ub',
  'x',
  '',
]

export function mutated(key: Key, claims: object, random: Draw): string {
  let header = JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'at+jwt' })
  let payload = JSON.stringify(claims)
  for (let times = random.below(3); times > 0; times--) {
    if (random.below(3) === 0) header = mutatedJson(header, random)
    else payload = mutatedJson(payload, random)
  }
  if (random.below(8) === 0) return forge(mutatedBytes(header, random), mutatedBytes(payload, random), key)
  const token = forge(header, payload, key)
  if (random.below(2) === 0) return token
  return random.below(2) === 0 ? mutatedText(token, random) : signedAgain(token, key, random)
}

/** Text between the dots that was changed before it was signed. */
function signedAgain(token: string, key: Key, random: Draw): string {
  const input = mutatedText(token.slice(0, token.lastIndexOf('.')), random)
  // What is no Latin-1 cannot be signed as it stands, and what is too long is refused before that.
  return input.length > 8_000 ? input : `${input}.${signatureOf(input, key)}`
}

function mutatedJson(json: string, random: Draw): string {
  const kinds: readonly (() => string)[] = [
    () => json.replace(/:("[^"]*"|\d+)/g, (found) => (random.below(6) === 0 ? `:${random.pick(values)}` : found)),
    () => `${json.slice(0, -1)},"${random.pick(names)}":${random.pick(values)}}`,
    () => `{"${random.pick(names)}":${random.pick(values)},${json.slice(1)}`,
    () => json.replace(/"(\w+)":/g, (found) => (random.below(8) === 0 ? `"${random.pick(names)}":` : found)),
    () => json.replaceAll(':', random.pick([' :', ': ', ':\n\t', '::'])),
    () => mutatedText(json, random),
    () => `${random.pick(['\uFEFF', ' ', '[', '\n'])}${json}`,
    () => `${json}${random.pick([' ', '\n', '}', 'x', json])}`,
    () => `{"x":${'['.repeat(random.below(12))}${']'.repeat(random.below(12))},${json.slice(1)}`,
  ]
  return random.pick(kinds)()
}

function mutatedText(text: string, random: Draw): string {
  const at = random.below(text.length)
  const other = random.below(text.length)
  const [from, to] = at < other ? [at, other] : [other, at]
  const kinds: readonly (() => string)[] = [
    () => `${text.slice(0, at)}${random.pick(characters)}${text.slice(at + 1)}`,
    () => `${text.slice(0, at)}${random.pick(characters)}${text.slice(at)}`,
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, to) + text.slice(from),
    () =>
      `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(9)))}${text.slice(at + 1)}`,
    () => text.split('.').reverse().join('.'),
    () => text + random.pick(characters),
    () => text.replaceAll('-', '+').replaceAll('_', '/'),
  ]
  return random.pick(kinds)()
}

function mutatedBytes(text: string, random: Draw): Buffer {
  const bytes = Buffer.from(text)
  const at = random.below(bytes.length)
  bytes[at] = random.pick([0x00, 0x80, 0xc0, 0xed, 0xf5, 0xff, 0x20, (bytes[at] ?? 0) ^ (1 << random.below(8))])
  return bytes
}
