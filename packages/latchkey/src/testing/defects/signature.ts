/** Cases 61-70: signature bytes that are wrong, of another length or in another form. */
import { sign } from 'node:crypto'
import { type AlgorithmRow, algorithm, type EcRow } from '../../jwt/algorithms.js'
import { encodeBase64url } from '../../util/bytes.js'
import { bad, type Defect, type DefectContext, encodePart, type Forger, good } from './forge.js'

export function signatureDefects({ claims, typ }: DefectContext, forge: Forger): readonly Defect[] {
  const input = `${encodePart(forge.header())}.${encodePart(claims)}`
  const genuine = Buffer.from(forge.sign(input), 'base64url')
  const withSignature = (bytes: Uint8Array) => `${input}.${encodeBase64url(bytes)}`
  const entry = (number: number, name: string, bytes: Uint8Array) =>
    bad(number, name, withSignature(bytes), 'signature')
  const row = algorithm(forge.key.alg)
  const zero = Buffer.alloc(1)
  return [
    ...ofCurve(row, input, forge, genuine).map(([number, name, bytes]) => entry(number, name, bytes)),
    ...mirrored(row, genuine).map((bytes) => good(64, 's replaced by n - s: the same signature', withSignature(bytes))),
    entry(63, 'a byte missing at the end', genuine.subarray(0, -1)),
    entry(63, 'a byte missing at the start', genuine.subarray(1)),
    entry(63, 'a zero after the signature', Buffer.concat([genuine, zero])),
    entry(63, 'two zeros after the signature', Buffer.concat([genuine, zero, zero])),
    entry(66, 'a zero before the signature', Buffer.concat([zero, genuine])),
    entry(68, 'the first 16 bytes', genuine.subarray(0, 16)),
    entry(68, 'one byte', zero),
    entry(68, 'the signature twice', Buffer.concat([genuine, genuine])),
    entry(68, 'all zero', Buffer.alloc(genuine.length)),
    entry(68, 'all ones', Buffer.alloc(genuine.length, 0xff)),
    entry(69, 'the first bit flipped', flipped(genuine, 0, 0x80)),
    entry(69, 'the last bit flipped', flipped(genuine, genuine.length - 1, 1)),
    bad(
      70,
      "another token's signature",
      `${input}.${forge.sign(`${encodePart(forge.header())}.${encodePart({ ...claims, jti: 'b' })}`)}`,
      'signature',
    ),
    bad(
      70,
      'the header of another token',
      `${encodePart(forge.header({ typ: typ === 'JWT' ? 'at+jwt' : 'JWT' }))}.${encodePart(claims)}.${encodeBase64url(genuine)}`,
      'signature',
    ),
  ]
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ bit : byte))
}

// The orders of the base points (SEC 2 section 2).
const orders: Readonly<Record<string, bigint>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

type Entry = readonly [number, string, Uint8Array]

/** What only elliptic curves know: DER, and numbers outside 1 to n - 1. */
function ofCurve(row: AlgorithmRow | undefined, input: string, forge: Forger, genuine: Buffer): readonly Entry[] {
  if (row?.kty === 'OKP') return [[67, 'S + L instead of S', withS(genuine)]]
  if (row?.kty !== 'EC') return []
  const n = orders[row.name] ?? 0n
  const edges: readonly [string, bigint][] = [
    ['0', 0n],
    ['1', 1n],
    ['n - 1', n - 1n],
    ['n', n],
    ['n + 1', n + 1n],
  ]
  const pairs = edges.flatMap(([r, first]) =>
    edges.map(
      ([s, second]): Entry => [62, `r = ${r}, s = ${s}`, Buffer.concat([number(first, row), number(second, row)])],
    ),
  )
  const half = row.coordinateBytes
  const zero = Buffer.alloc(1)
  const der = sign(row.hash, Buffer.from(input), forge.key.material)
  return [
    [61, 'DER', der],
    ...pairs,
    [63, 'zeros before r and s', Buffer.concat([zero, genuine.subarray(0, half), zero, genuine.subarray(half)])],
    [63, 'r and s exchanged', Buffer.concat([genuine.subarray(half), genuine.subarray(0, half)])],
  ]
}

function mirrored(row: AlgorithmRow | undefined, genuine: Buffer): readonly Uint8Array[] {
  if (row?.kty !== 'EC') return []
  const s = BigInt(`0x${genuine.subarray(row.coordinateBytes).toString('hex')}`)
  return [Buffer.concat([genuine.subarray(0, row.coordinateBytes), number((orders[row.name] ?? 0n) - s, row)])]
}

const number = (value: bigint, row: EcRow): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * row.coordinateBytes, '0'), 'hex')

/** The same point equation holds modulo the group's order L, which is why S has to be below it (RFC 8032 section 5.1.7). */
function withS(genuine: Buffer): Uint8Array {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(genuine.subarray(32)).reverse().toString('hex')}`) + order
  return Buffer.concat([genuine.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()])
}
