/** One JSON Web Key, RFC 7517 and 7518 section 6: its members read once, typed, and turned into a KeyObject. */
import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { decodeBase64url } from '../util/bytes.js'
import type { AlgorithmRow } from './algorithms.js'
import { isKid } from './header.js'
import { unfit } from './unfit.js'

type PrivateMember = 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'oth' | 'k'
type Member = 'kty' | 'kid' | 'alg' | 'use' | 'key_ops' | 'crv' | 'x' | 'y' | 'n' | 'e' | PrivateMember

/** The members of a JWK that mean something here, copied, so that a getter cannot answer differently later. */
export type Jwk = Readonly<Partial<Record<Member, unknown>>>

const privateMembers: readonly PrivateMember[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const publicMembers = ['kty', 'kid', 'alg', 'use', 'key_ops', 'crv', 'x', 'y', 'n', 'e'] as const
const members: readonly Member[] = [...publicMembers, ...privateMembers]
const publicByType = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] } as const
const privateByType = { RSA: ['d', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['d'], OKP: ['d'] } as const

/** Copies the known members. Throws `options_invalid` for anything but an object that can be read. */
export function readJwk(input: unknown): Jwk {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw unfit('a JWK is an object')
  const copy: Partial<Record<Member, unknown>> = {}
  try {
    for (const name of members) {
      const value = (input as Record<string, unknown>)[name]
      if (value !== undefined) copy[name] = Array.isArray(value) ? [...value] : value
    }
  } catch (cause) {
    throw unfit('the JWK cannot be read', cause)
  }
  return copy
}

export const isPrivateJwk = (jwk: Jwk): boolean => privateMembers.some((name) => jwk[name] !== undefined)

/** Throws unless `alg`, `use`, `key_ops` and `kid` agree with signatures under this algorithm (RFC 7517 sections 4.2-4.5). */
export function checkPurpose(jwk: Jwk, row: AlgorithmRow, sign: boolean | undefined): void {
  if (jwk.kty !== row.kty) throw unfit(`${row.name} needs a JWK with kty ${row.kty}`)
  if (jwk.alg !== undefined && jwk.alg !== row.name) throw unfit(`the JWK names another alg than ${row.name}`)
  if (jwk.use !== undefined && jwk.use !== 'sig') throw unfit("the JWK's use is not sig")
  if (jwk.kid !== undefined && !isKid(jwk.kid))
    throw unfit("the JWK's kid is not 1-128 characters of A-Z a-z 0-9 . _ : ~ + / = @ -")
  if (jwk.key_ops !== undefined) checkOperations(jwk.key_ops, isPrivateJwk(jwk), sign)
}

function checkOperations(value: unknown, isPrivate: boolean, sign: boolean | undefined): void {
  const operations: readonly unknown[] = Array.isArray(value) ? value : []
  const mayVerify = operations.includes('verify')
  const maySign = isPrivate && operations.includes('sign')
  if (new Set(operations).size !== operations.length) throw unfit("the JWK's key_ops repeats itself")
  if (sign === true ? !maySign : !mayVerify && !maySign) throw unfit("the JWK's key_ops does not allow this use")
}

/** The key itself. Throws if a member is missing, not canonical base64url, of the wrong length, or off the curve. */
export function jwkMaterial(jwk: Jwk, row: AlgorithmRow): KeyObject {
  if (row.kty === 'oct') return createSecretKey(bytesOf(jwk, 'k'))
  if (jwk.oth !== undefined || jwk.k !== undefined) throw unfit('the JWK has members of another key type')
  if (row.kty !== 'RSA') checkCurve(jwk, row)
  const isPrivate = isPrivateJwk(jwk)
  const key: JsonWebKey = { kty: row.kty }
  for (const name of [...publicByType[row.kty], ...(isPrivate ? privateByType[row.kty] : [])]) {
    key[name] = name === 'crv' ? String(jwk.crv) : bytesOf(jwk, name).toString('base64url')
  }
  const material = create(key, isPrivate)
  // Of Ed25519, node derives the public half and ignores the one that is written there.
  const own = material.export({ format: 'jwk' })
  if (publicByType[row.kty].some((name) => own[name] !== key[name])) throw unfit('the halves of the JWK do not match')
  return material
}

function create(key: JsonWebKey, isPrivate: boolean): KeyObject {
  try {
    return isPrivate ? createPrivateKey({ key, format: 'jwk' }) : createPublicKey({ key, format: 'jwk' })
  } catch (cause) {
    throw unfit('the JWK is not a valid key', cause)
  }
}

function checkCurve(jwk: Jwk, row: { name: string; kty: string; crv: string; coordinateBytes: number }): void {
  if (jwk.crv !== row.crv) throw unfit(`${row.name} needs the curve ${row.crv}`)
  // RFC 7518 section 6.2.1.2: always the full length, leading zeros included.
  for (const name of row.kty === 'EC' ? (['x', 'y'] as const) : (['x'] as const)) {
    if (bytesOf(jwk, name).length !== row.coordinateBytes) throw unfit(`the JWK's ${name} has the wrong length`)
  }
}

function bytesOf(jwk: Jwk, name: Member): Buffer {
  const value = jwk[name]
  const bytes = typeof value === 'string' ? decodeBase64url(value) : undefined
  if (bytes === undefined || bytes.length === 0) throw unfit(`the JWK's ${name} is missing or not base64url`)
  return bytes
}
