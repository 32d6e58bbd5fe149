/** A certificate for localhost, made for one run: whoever talks to it is on this machine, and has to be told not to ask who signed it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../../scripts/services.mjs'

const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1'

/** Its key and itself in PEM. Takes the program `openssl`. */
export function localCertificate() {
  const openssl = programPath('openssl')
  if (!openssl) throw new Error('A certificate is made by the program openssl, which is not there')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-certificate-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
    const words = ['req', '-x509', ...kind, '-subj', '/CN=localhost', '-addext', NAMES, '-keyout', key, '-out', cert]
    execFileSync(openssl, words, { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
