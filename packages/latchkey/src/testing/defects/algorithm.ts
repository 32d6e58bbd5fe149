/** Cases 1-24 and 100: the token chooses the algorithm, or brings a key of its own. */
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { generateKey, publicJwk } from '../../jwt/key.js'
import { encodeBase64url } from '../../util/bytes.js'
import { bad, type Defect, type DefectContext, encodePart, type Forger, macOf, signatureOf } from './forge.js'

export function algorithmDefects(context: DefectContext, forge: Forger): readonly Defect[] {
  return [...unsigned(context, forge), ...confused(context, forge), ...otherKeys(context, forge)]
}

function unsigned({ claims }: DefectContext, forge: Forger): Defect[] {
  const own = forge.key.alg
  const withAlg = (alg: unknown, signature?: string) => {
    const input = `${encodePart(forge.header({ alg }))}.${encodePart(claims)}`
    return `${input}.${signature ?? forge.sign(input)}`
  }
  const spellings = ['None', 'NONE', 'nOnE', 'none ']
  const values = [undefined, null, '', 0, [own], { toString: own }, own.toLowerCase(), `${own}\u0000`]
  const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  return [
    bad(1, 'alg none without a signature', withAlg('none', ''), 'alg'),
    bad(1, 'alg none with a genuine signature', withAlg('none'), 'alg'),
    ...spellings.map((alg) => bad(2, `alg ${alg} without a signature`, withAlg(alg, ''), 'alg')),
    ...spellings.map((alg) => bad(2, `alg ${alg} with a genuine signature`, withAlg(alg), 'alg')),
    ...values.map((alg) => bad(3, `alg ${JSON.stringify(alg)}`, withAlg(alg), 'alg')),
    ...inherited.map((alg) => bad(4, `alg ${alg}`, withAlg(alg), 'alg')),
    bad(
      5,
      'a JWE around an unsigned token',
      `${encodePart({ alg: 'RSA-OAEP', enc: 'A128GCM' })}.AA.AA.AA.AA`,
      'structure',
    ),
  ]
}

/** HS256 keyed with every text and byte string that our public key is known by (CVE-2016-10555, CVE-2023-48223). */
function confused({ claims }: DefectContext, forge: Forger): Defect[] {
  const { key } = forge
  const input = `${encodePart(forge.header({ alg: 'HS256' }))}.${encodePart(claims)}`
  const entry = (number: number, name: string, secret: string | Uint8Array) =>
    bad(
      number,
      `HS256 keyed with ${name}`,
      `${input}.${macOf(input, secret)}`,
      key.alg === 'HS256' ? 'signature' : 'alg_mismatch',
    )
  if (!key.public) return [entry(9, 'nothing', '')]
  const pem = String(key.public.export({ type: 'spki', format: 'pem' }))
  const jwk = publicJwk(key)
  const coordinates = [jwk?.n, jwk?.x, jwk?.y].flatMap((part) =>
    part === undefined ? [] : [Buffer.from(part, 'base64url')],
  )
  return [
    entry(6, 'our PEM', pem),
    entry(6, 'our PEM, trimmed', pem.trim()),
    entry(6, 'our PEM without newlines', pem.replaceAll('\n', '')),
    entry(6, 'our PEM with CRLF', pem.replaceAll('\n', '\r\n')),
    entry(6, 'our PEM after a space', ` ${pem}`),
    entry(6, 'our PEM after a byte order mark', `\uFEFF${pem}`),
    entry(6, 'our PEM after a zero-width space', `\u200B${pem}`),
    entry(6, 'our PEM after a comment', `# key\n${pem}`),
    entry(6, 'our PEM after an HTTP header', `Content-Type: text/plain\n\n${pem}`),
    entry(7, 'our key in DER', key.public.export({ type: 'spki', format: 'der' })),
    entry(7, 'our JWK', JSON.stringify(jwk)),
    entry(7, 'our JWKS', JSON.stringify({ keys: [jwk] })),
    entry(7, 'our keys as an array', JSON.stringify([jwk])),
    entry(7, 'the numbers of our key', Buffer.concat(coordinates)),
    entry(7, 'our key as OpenSSH writes it', `ssh-ed25519 ${encodeBase64url(Buffer.concat(coordinates))}`),
    entry(23, 'our key as recovered from two signatures', Buffer.concat([Buffer.from([4]), ...coordinates])),
    entry(9, 'nothing', ''),
  ]
}

function otherKeys({ claims }: DefectContext, forge: Forger): Defect[] {
  const other = otherAlgorithm(forge.key.alg)
  const input = `${encodePart(forge.header({ alg: other }))}.${encodePart(claims)}`
  const stranger = generateKey(forge.key.alg)
  const signed = (head: Readonly<Record<string, unknown>>) => {
    const text = `${encodePart(head)}.${encodePart(claims)}`
    return `${text}.${signatureOf(text, stranger)}`
  }
  return [
    bad(16, `our key under ${other}`, `${input}.${sameKey(input, forge, other)}`, 'alg_mismatch'),
    bad(100, "a stranger's key under our kid", signed(forge.header()), 'signature'),
    bad(100, "a stranger's key under its own kid", signed(forge.header({ kid: stranger.kid })), 'key_unknown'),
  ]
}

/** Another algorithm for the same kind of key where there is one: RS256 and PS256, ES256 and ES384. */
function otherAlgorithm(alg: Algorithm): Algorithm {
  if (alg.startsWith('HS')) return alg === 'HS384' ? 'HS256' : 'HS384'
  if (alg.startsWith('RS')) return 'PS256'
  if (alg.startsWith('PS')) return 'RS256'
  return alg === 'ES384' ? 'ES256' : 'ES384'
}

/** Our key used as the other algorithm would use it; of Ed25519 only its own signature can be had. */
const sameKey = (input: string, forge: Forger, other: Algorithm): string =>
  signatureOf(input, forge.key, algorithm(forge.key.alg)?.kty === algorithm(other)?.kty ? other : forge.key.alg)
