/** A self-signed certificate for localhost (RFC 5280), made once and kept: for development, where nobody else signs one. */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { bits, implicit, integer, octets, oid, sequence, set, tagged, text, utcTime, yes } from './der.js'
import type { Certificate } from './listen.js'

const DAY_MILLISECONDS = 86_400_000
const DAYS = 365
/** Renewed this long before its end. */
const MARGIN_DAYS = 7

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const NAMES = [
  implicit(2, Buffer.from('localhost')),
  implicit(7, Buffer.from([127, 0, 0, 1])),
  implicit(7, Buffer.from([...Buffer.alloc(15), 1])),
]

/** The certificate in a folder; a new one where there is none, or one that ends soon. `path` is what clients have to trust. */
export function keepCertificate(folder: string, now: number = Date.now()): Certificate & { readonly path: string } {
  const path = `${folder}/localhost.crt`
  const keyPath = `${folder}/localhost.key`
  const kept = existsSync(path) && existsSync(keyPath) ? read(path, keyPath) : undefined
  if (kept && isGood(kept, now)) return { ...kept, path }
  const made = makeCertificate(now)
  writeFileSync(keyPath, made.key, { mode: 0o600 })
  writeFileSync(path, made.cert)
  return { ...made, path }
}

const read = (path: string, keyPath: string): Certificate => ({
  cert: readFileSync(path, 'utf8'),
  key: readFileSync(keyPath, 'utf8'),
})

function isGood({ cert, key }: Certificate, now: number): boolean {
  try {
    const certificate = new X509Certificate(cert)
    const left = Date.parse(certificate.validTo) - now
    return left > MARGIN_DAYS * DAY_MILLISECONDS && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

export function makeCertificate(now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const name = sequence(set(sequence(oid('2.5.4.3'), text('localhost (Latchkey development)'))))
  const from = new Date(now - DAY_MILLISECONDS)
  const until = new Date(now + DAYS * DAY_MILLISECONDS)
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.from([0x40, ...randomBytes(15)])),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime(from), utcTime(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions())),
  )
  const cert = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, privateKey)))
  return { cert: pem(cert), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** A leaf and nothing more: trusting it must not mean trusting whatever its key signs. */
function extensions(): readonly Buffer[] {
  const critical = (id: string, value: Buffer): Buffer => sequence(oid(id), yes, octets(value))
  return [
    critical('2.5.29.19', sequence()),
    // digitalSignature alone
    critical('2.5.29.15', bits(Buffer.from([0x80]), 7)),
    sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1')))),
    sequence(oid('2.5.29.17'), octets(sequence(...NAMES))),
  ]
}

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
