/** Cases 42-60: base64url with a second spelling, JSON with a second meaning, and sizes that hurt. */
import { bad, type Defect, type DefectContext, encodePart, type Forger, good } from './forge.js'

export function encodingDefects(context: DefectContext, forge: Forger): readonly Defect[] {
  return [
    ...spellings(context, forge),
    ...structures(context, forge),
    ...texts(context, forge),
    ...sizes(context, forge),
  ]
}

function spellings({ claims }: DefectContext, forge: Forger): Defect[] {
  const [header, payload, signature] = withEveryCharacter(claims, forge)
  const token = `${header}.${payload}.${signature}`
  // The first two parts are changed before they are signed, so that nothing but the spelling is wrong.
  const signed = (input: string) => `${input}.${forge.sign(input)}`
  const blanks: readonly [string, string][] = [
    [' ', 'space'],
    ['\t', 'tab'],
    ['\n', 'newline'],
  ]
  const middle = (text: string, extra: string) => `${text.slice(0, 8)}${extra}${text.slice(8)}`
  return [
    ...blanks.map(([blank, name]) =>
      bad(42, `a ${name} inside the signature`, `${header}.${payload}.${middle(signature, blank)}`, 'b64'),
    ),
    ...blanks.map(([blank, name]) => bad(42, `a ${name} after the signature`, `${token}${blank}`, 'b64')),
    ...blanks.map(([blank, name]) =>
      bad(43, `a ${name} inside the header`, signed(`${middle(header, blank)}.${payload}`), 'b64'),
    ),
    ...blanks.map(([blank, name]) =>
      bad(43, `a ${name} inside the payload`, signed(`${header}.${middle(payload, blank)}`), 'b64'),
    ),
    bad(44, 'padding behind the header', signed(`${header}=.${payload}`), 'b64'),
    bad(44, 'padding behind the payload', signed(`${header}.${payload}==`), 'b64'),
    bad(44, 'padding behind the signature', `${token}==`, 'b64'),
    bad(45, 'the standard alphabet in the payload', signed(`${header}.${standard(payload)}`), 'b64'),
    bad(45, 'the standard alphabet in the signature', `${header}.${payload}.${standard(signature)}`, 'b64'),
    bad(46, 'unused bits set in the payload', signed(`${header}.${withUnusedBits(payload)}`), 'b64'),
    // Signatures of 96 and 132 bytes are whole groups, without unused bits.
    ...[signature]
      .filter((text) => text.length % 4 !== 0)
      .map((text) =>
        bad(46, 'unused bits set in the signature', `${header}.${payload}.${withUnusedBits(text)}`, 'b64'),
      ),
    bad(47, 'a payload of impossible length', signed(`${header}.${impossible(payload)}`), 'b64'),
    bad(47, 'a signature of impossible length', `${header}.${payload}.${impossible(signature)}`, 'b64'),
    bad(48, 'a NUL in the signature', `${header}.${payload}.${middle(signature, '\u0000')}`, 'b64'),
    bad(48, 'a letter of Latin-1 in the payload', signed(`${header}.${middle(payload, 'é')}`), 'b64'),
    bad(48, 'a letter whose low byte is right', `${header}.${payload}.${raised(signature)}`, 'b64'),
    bad(48, 'a payload of letters whose low bytes are right', `${header}.${raised(payload)}.${signature}`, 'b64'),
    bad(48, 'an ideographic full stop for a dot', `${header}。${payload}.${signature}`, 'structure'),
    bad(48, 'percent-encoding', token.replaceAll('.', '%2E'), 'structure'),
  ]
}

/** A good token whose payload is an incomplete group, and whose payload and signature use both special characters. */
function withEveryCharacter(claims: DefectContext['claims'], forge: Forger): [string, string, string] {
  const header = encodePart(forge.header())
  for (let attempt = 0; ; attempt++) {
    const payload = encodePart({ ...claims, nonce: `${'>?'.repeat(8)}${'x'.repeat(attempt % 3)}${attempt}` })
    const signature = forge.sign(`${header}.${payload}`)
    const special = /[-_]/.test(payload) && /[-_]/.test(signature)
    if (special && payload.length % 4 === 2) return [header, payload, signature]
    if (attempt === 10_000) throw new Error('no such token was found')
  }
}

const standard = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/')

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const withUnusedBits = (text: string): string => `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.slice(-1)) + 1]}`

const impossible = (text: string): string => `${text}AAAA`.slice(0, text.length + ((5 - (text.length % 4)) % 4 || 4))

/** U+0141 for A: what keeps the low byte of a character only would read the same token. */
const raised = (text: string): string => String.fromCharCode(text.charCodeAt(0) + 0x100) + text.slice(1)

function structures({ claims }: DefectContext, forge: Forger): Defect[] {
  const token = forge.token(forge.header(), claims)
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [
    bad(49, 'four parts', `${token}.${signature}`, 'structure'),
    bad(49, 'a dot at the end', `${token}.`, 'structure'),
    bad(49, 'an empty header', `.${payload}.${signature}`, 'structure'),
    bad(49, 'an empty payload', `${header}..${forge.sign(`${header}.`)}`, 'structure'),
    bad(49, 'an empty signature', `${header}.${payload}.`, 'structure'),
    bad(49, 'two parts', `${header}.${payload}`, 'structure'),
    bad(49, 'one part', header, 'structure'),
    bad(49, 'only dots', '..', 'structure'),
    bad(49, 'nothing', '', 'structure'),
    bad(49, 'a megabyte of dots', '.'.repeat(1_048_576), 'too_large'),
    bad(49, 'dots up to the limit', '.'.repeat(8_192), 'structure'),
    ...[undefined, null, 7, true, [token], { token }, Buffer.from(token)].map((value) =>
      bad(49, `not text: ${Object.prototype.toString.call(value)}`, value, 'malformed'),
    ),
  ]
}

function texts({ claims }: DefectContext, forge: Forger): Defect[] {
  const json = JSON.stringify(claims)
  const head = JSON.stringify(forge.header())
  const payload = (text: string | Uint8Array) => forge.token(forge.header(), text)
  const member = (text: string) => payload(`${json.slice(0, -1)},${text}}`)
  // Systems that call the subject by another name have none to repeat.
  const first = claims.sub === undefined ? '"sub":"nobody",' : ''
  const bytes = (...inner: number[]) =>
    payload(Buffer.concat([Buffer.from(`${json.slice(0, -1)},"x":"`), Buffer.from([...inner, 0x22, 0x7d])]))
  return [
    bad(51, 'a byte order mark before the header', forge.token(`\uFEFF${head}`, json), 'header_json'),
    bad(51, 'a byte order mark before the payload', payload(`\uFEFF${json}`), 'payload_json'),
    bad(52, 'ill-formed UTF-8 in a claim', bytes(0xff), 'payload_json'),
    bad(52, 'an overlong NUL in a claim', bytes(0xc0, 0x80), 'payload_json'),
    bad(52, 'a surrogate in UTF-8', bytes(0xed, 0xa0, 0x80), 'payload_json'),
    bad(52, 'a payload in UTF-16', payload(Buffer.from(json, 'utf16le')), 'payload_json'),
    bad(54, 'two sub', member(`${first}"sub":"root"`), 'dup_member'),
    bad(54, 'two exp', member('"exp":9999999999'), 'dup_member'),
    bad(54, 'two sub, one of them escaped', member(`${first}"\\u0073ub":"root"`), 'dup_member'),
    bad(54, 'two sub, one of them before white space', member(`${first}"sub" \n:"root"`), 'dup_member'),
    bad(54, 'two members in a nested object', member('"x":{"a":1,"a":2}'), 'dup_member'),
    bad(54, 'two alg', forge.token(`${head.slice(0, -1)},"alg":"none"}`, json), 'dup_member'),
    ...['[]', 'null', '1', '"x"', `${json}x`, `[${json}]`, ' ', '{'].map((text) =>
      bad(55, `payload ${text.slice(0, 6)}`, payload(text), 'payload_json'),
    ),
    bad(55, 'header []', forge.token('[]', json), 'header_json'),
    bad(55, 'header null', forge.token('null', json), 'header_json'),
    good(56, 'a member __proto__: inert', member('"__proto__":{"is_admin":true}')),
    good(56, 'members constructor and prototype: inert', member('"constructor":{"prototype":{"is_admin":true}}')),
    bad(59, 'exp 1e400', payload(json.replace(/"exp":\d+/, '"exp":1e400')), 'payload_json'),
    bad(59, 'nbf -1e400', member('"nbf":-1e400'), 'payload_json'),
    good(59, 'a number beyond 2^53 in a claim of no meaning', member('"big":9007199254740993')),
  ]
}

function sizes({ claims }: DefectContext, forge: Forger): Defect[] {
  const nested = (depth: number) =>
    forge.claims({ x: JSON.parse('{"a":'.repeat(depth - 1) + 1 + '}'.repeat(depth - 1)) })
  const members = (count: number) =>
    forge.claims(Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, 0])))
  const filled = (length: number) => {
    // A payload grows by four characters for three bytes; the rest of the length is made up by trying.
    for (let fill = Math.floor((length - forge.claims({ x: '' }).length) * 0.75) - 4; ; fill++) {
      const token = forge.token(forge.header(), { ...claims, x: 'f'.repeat(Math.max(0, fill)) })
      if (token.length >= length) return token
    }
  }
  return [
    good(57, 'depth 8', nested(8)),
    bad(57, 'depth 9', nested(9), 'too_large'),
    bad(57, 'depth 900', forge.token(forge.header(), `${'['.repeat(900)}${']'.repeat(900)}`), 'too_large'),
    good(58, '200 members more', members(200)),
    bad(58, '257 members more', members(257), 'too_large'),
    bad(58, '900 members with names of digits', forge.token(forge.header(), digits(900)), 'too_large'),
    bad(60, 'a token of 8,193 characters or just above', filled(8_193), 'too_large'),
    bad(60, 'a token of 64 KiB', filled(65_536), 'too_large'),
    bad(60, 'a token of 1 MiB', filled(1_048_576), 'too_large'),
  ]
}

const digits = (count: number): string => `{${Array.from({ length: count }, (_, at) => `"${at * 1_024}":0`).join()}}`
