/** An X.509 certificate as the cover of a public key: only the key in it and its dates count, for it was chosen by name and not by who signed it. */
import { X509Certificate } from 'node:crypto'
import { pemLabel } from '../../jwt/pem.js'
import { unfit } from '../../jwt/unfit.js'

export const isCertificate = (pem: unknown): boolean => pemLabel(pem) === 'CERTIFICATE'

/** Throws `options_invalid` for what is no certificate, and before and after its time. */
export function readCertificate(pem: string, now: number): { readonly publicKey: string; readonly until: number } {
  const certificate = parsed(pem)
  const until = secondsOf(certificate.validTo)
  if (!(secondsOf(certificate.validFrom) <= now)) throw unfit('the certificate is not valid yet')
  if (!(now < until)) throw unfit('the certificate has expired')
  return { publicKey: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(), until }
}

function parsed(pem: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem.trim())
    // Read here already: of a certificate with a broken key it is the key that throws.
    void certificate.publicKey
    return certificate
  } catch (cause) {
    throw unfit('the PEM block is not a valid certificate', cause)
  }
}

/** OpenSSL writes `Nov 22 07:40:08 2026 GMT`. What cannot be read is no date, and lies on no side of now. */
const secondsOf = (date: string): number => Date.parse(date) / 1000
