/** The thirteen signature algorithms (RFC 7518 section 3.1, RFC 8037): one row each, and nothing below asks for a name again. */

/** The `alg` of a JWS header. `none` is not among them and cannot be added. */
export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

type Hash = 'sha256' | 'sha384' | 'sha512'

export interface HmacRow {
  readonly name: Algorithm
  readonly kty: 'oct'
  readonly hash: Hash
  /** The length of the MAC, and the least a key must have (RFC 7518 section 3.2). */
  readonly bytes: number
  /** The block of the hash, which the padded key fills. */
  readonly blockBytes: number
}

export interface RsaRow {
  readonly name: Algorithm
  readonly kty: 'RSA'
  readonly hash: Hash
  /** The length of the PSS salt; `undefined` is PKCS #1 v1.5. */
  readonly saltBytes: number | undefined
}

export interface EcRow {
  readonly name: Algorithm
  readonly kty: 'EC'
  readonly hash: Hash
  readonly crv: string
  readonly curve: string
  readonly coordinateBytes: number
  /** r and s side by side (RFC 7518 section 3.4), never DER. */
  readonly signatureBytes: number
}

export interface OkpRow {
  readonly name: Algorithm
  readonly kty: 'OKP'
  readonly crv: string
  readonly coordinateBytes: number
  readonly signatureBytes: number
}

export type AlgorithmRow = HmacRow | RsaRow | EcRow | OkpRow

const rows: readonly AlgorithmRow[] = [
  { name: 'HS256', kty: 'oct', hash: 'sha256', bytes: 32, blockBytes: 64 },
  { name: 'HS384', kty: 'oct', hash: 'sha384', bytes: 48, blockBytes: 128 },
  { name: 'HS512', kty: 'oct', hash: 'sha512', bytes: 64, blockBytes: 128 },
  { name: 'RS256', kty: 'RSA', hash: 'sha256', saltBytes: undefined },
  { name: 'RS384', kty: 'RSA', hash: 'sha384', saltBytes: undefined },
  { name: 'RS512', kty: 'RSA', hash: 'sha512', saltBytes: undefined },
  { name: 'PS256', kty: 'RSA', hash: 'sha256', saltBytes: 32 },
  { name: 'PS384', kty: 'RSA', hash: 'sha384', saltBytes: 48 },
  { name: 'PS512', kty: 'RSA', hash: 'sha512', saltBytes: 64 },
  {
    name: 'ES256',
    kty: 'EC',
    hash: 'sha256',
    crv: 'P-256',
    curve: 'prime256v1',
    coordinateBytes: 32,
    signatureBytes: 64,
  },
  {
    name: 'ES384',
    kty: 'EC',
    hash: 'sha384',
    crv: 'P-384',
    curve: 'secp384r1',
    coordinateBytes: 48,
    signatureBytes: 96,
  },
  {
    name: 'ES512',
    kty: 'EC',
    hash: 'sha512',
    crv: 'P-521',
    curve: 'secp521r1',
    coordinateBytes: 66,
    signatureBytes: 132,
  },
  { name: 'EdDSA', kty: 'OKP', crv: 'Ed25519', coordinateBytes: 32, signatureBytes: 64 },
]

// A Map, because a plain object would answer for `constructor` and `__proto__`.
const byName: ReadonlyMap<unknown, AlgorithmRow> = new Map(rows.map((row) => [row.name, Object.freeze(row)]))

/** Every algorithm, in the order of RFC 7518. */
export const algorithms: readonly Algorithm[] = Object.freeze(rows.map((row) => row.name))

/** The row of an algorithm's exact name; `undefined` for anything else, whatever its type. */
export const algorithm = (name: unknown): AlgorithmRow | undefined => byName.get(name)
