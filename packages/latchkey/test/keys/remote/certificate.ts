/** X.509 certificates for tests, signed by their own key: written here byte by byte, so that no private key has to lie in the repository. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
  readonly publicKey: KeyObject
}

export interface TestCertificateOptions {
  readonly from?: Date
  readonly until?: Date
  readonly rsa?: boolean
}

/** A certificate for `issuer.test` and 127.0.0.1, which vouches for its own key (X.509 version 3, RFC 5280 section 4.1). */
export function testCertificate(options: TestCertificateOptions = {}): TestCertificate {
  const { from = new Date('2020-01-01T00:00:00Z'), until = new Date('2049-01-01T00:00:00Z'), rsa = false } = options
  const pair = rsa
    ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
    : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = rsa
    ? sequence(oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]), tag(0x05))
    : sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))
  const name = sequence(tag(0x31, sequence(oid([0x55, 4, 3]), tag(0x0c, Buffer.from('issuer.test')))))
  const names = sequence(tag(0x82, Buffer.from('issuer.test')), tag(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = tag(0xa3, sequence(sequence(oid([0x55, 0x1d, 17]), tag(0x04, names))))
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  )
  const signature = sign('sha256', body, pair.privateKey)
  const whole = sequence(body, algorithm, tag(0x03, Buffer.from([0]), signature))
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', whole),
    publicKey: pair.publicKey,
  }
}

export const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

const sequence = (...parts: readonly Buffer[]): Buffer => tag(0x30, ...parts)
const oid = (bytes: readonly number[]): Buffer => tag(0x06, Buffer.from(bytes))
const time = (date: Date): Buffer => tag(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')))

function tag(type: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([type, length]), content])
  if (length < 0x100) return Buffer.concat([Buffer.from([type, 0x81, length]), content])
  return Buffer.concat([Buffer.from([type, 0x82, length >> 8, length & 0xff]), content])
}
