/** A self-signed certificate for development. */
import type { Certificate } from './listen.js'

export async function keepCertificate(_folder: string): Promise<Certificate & { readonly path: string }> {
  throw new Error('not yet')
}
