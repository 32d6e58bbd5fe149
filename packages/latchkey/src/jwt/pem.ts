/** PEM keys: exactly one block, and nothing around it. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { unfit } from './unfit.js'

const block = /^\s*-----BEGIN ([A-Z0-9 ]{3,40})-----\s+([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/

/** The label of a PEM text that is exactly one block, with nothing around it; `undefined` for anything else. */
export const pemLabel = (pem: unknown): string | undefined =>
  typeof pem === 'string' && pem.length <= 65_536 ? block.exec(pem)?.[1] : undefined

const readers: ReadonlyMap<string, (pem: string) => KeyObject> = new Map([
  ['PUBLIC KEY', (pem) => createPublicKey(pem)],
  ['RSA PUBLIC KEY', (pem) => createPublicKey(pem)],
  ['PRIVATE KEY', (pem) => createPrivateKey(pem)],
  ['RSA PRIVATE KEY', (pem) => createPrivateKey(pem)],
  ['EC PRIVATE KEY', (pem) => createPrivateKey(pem)],
])

/** The key in a PEM text. Throws `options_invalid` for certificates, encrypted keys, several blocks or text around the block. */
export function pemMaterial(pem: unknown): KeyObject {
  const label = pemLabel(pem) ?? ''
  if (label === 'CERTIFICATE') {
    throw unfit('a certificate is not a key: export its key with openssl x509 -pubkey -noout')
  }
  if (label === 'ENCRYPTED PRIVATE KEY') throw unfit('the private key is encrypted: decrypt it with openssl pkcs8')
  const read = readers.get(label)
  if (read === undefined) throw unfit('the PEM text is not exactly one block with a public or private key')
  try {
    return read((pem as string).trim())
  } catch (cause) {
    throw unfit('the PEM block is not a valid key', cause)
  }
}
