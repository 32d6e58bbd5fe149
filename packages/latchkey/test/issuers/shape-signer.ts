/** Signs what a shape describes, with a key set as that issuer would publish it. */
import { createHash } from 'node:crypto'
import { exportJWK, importPKCS8, importSPKI, SignJWT } from 'jose'
import { testCertificate } from '../keys/remote/certificate.js'
import type { Shape } from './shapes.js'

/** The key set of a shape, and what signs in its name. */
export async function signerOf({ header, claims, key, others }: Shape) {
  const { key: privatePem, cert, publicKey } = testCertificate({ rsa: true })
  const signing = await importPKCS8(privatePem, 'RS256')
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { n, e } = await exportJWK(await importSPKI(spki, 'RS256', { extractable: true }))
  const der = Buffer.from(cert.replace(/-----[^-]+-----|\n/g, ''), 'base64')
  const digest = (name: string) => createHash(name).update(der).digest('base64url')
  const kid = header.kid as string
  const facts = { kid, x5c: [der.toString('base64')], x5t: digest('sha1'), x5t256: digest('sha256') }
  const jwk = { ...key(facts), n, e }
  return { jwks: { keys: [...(others?.(jwk) ?? []), jwk] }, sign }

  function sign(over: object = {}, headers: object = {}): Promise<string> {
    const defined = (all: object) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    return new SignJWT(defined({ ...claims, ...over }))
      .setProtectedHeader({ alg: 'RS256', ...defined({ ...header, ...headers }) })
      .sign(signing)
  }
}
