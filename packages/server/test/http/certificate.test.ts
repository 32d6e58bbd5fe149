/** The development certificate is one that TLS stacks take, for localhost and nothing else. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keepCertificate, makeCertificate } from '../../src/http/certificate.js'

const DAY = 86_400_000
const folder = () => mkdtempSync(join(tmpdir(), 'latchkey-tls-'))

test('it names localhost and its addresses, is no authority, and signs itself', () => {
  for (let i = 0; i < 20; i += 1) {
    const certificate = new X509Certificate(makeCertificate(Date.now()).cert)
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkHost('example.com')).toBeUndefined()
  }
})

test('a client that trusts it connects, and one that does not refuses', async () => {
  const { cert, key } = makeCertificate(Date.now())
  const server = createServer({ cert, key }, (_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const status = (ca: string | undefined) =>
    new Promise((resolve, reject) =>
      request({ host: '127.0.0.1', servername: 'localhost', port, ca, agent: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end(),
    )
  expect(await status(cert)).toBe(200)
  await expect(status(undefined)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test('it is kept until shortly before its end, and its key is its owner’s alone', () => {
  const at = folder()
  const now = Date.now()
  const first = keepCertificate(at, now)
  expect(keepCertificate(at, now + 300 * DAY).cert).toBe(first.cert)
  expect(keepCertificate(at, now + 360 * DAY).cert).not.toBe(first.cert)
  expect(statSync(`${at}/localhost.key`).mode & 0o777).toBe(0o600)
})

test('a key that is not its own, or a file that is no certificate, is replaced', () => {
  const at = folder()
  const first = keepCertificate(at)
  writeFileSync(`${at}/localhost.key`, makeCertificate(Date.now()).key)
  expect(keepCertificate(at).cert).not.toBe(first.cert)
  writeFileSync(`${at}/localhost.crt`, 'garbage')
  expect(keepCertificate(at).cert).toContain('BEGIN CERTIFICATE')
  expect(readFileSync(`${at}/localhost.crt`, 'utf8')).not.toBe('garbage')
})
