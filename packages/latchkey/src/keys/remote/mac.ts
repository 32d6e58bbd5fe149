/** The MAC of what is kept in the store for later: a store that was written by others must not give us keys. */
import { encodeBase64url, equalText, hmacSha256 } from '../../util/bytes.js'
import type { ServerSecret, ServerSecrets } from '../seal.js'

export interface SavedMac {
  make(text: string): string
  /** False for another text, a secret that is gone, and anything that is no MAC. */
  holds(text: string, mac: string): boolean
}

export function savedMac(secrets: Pick<ServerSecrets, 'current' | 'find'>): SavedMac {
  return {
    make: (text) => by(secrets.current(), text),
    holds(text, mac) {
      const secret = secrets.find(mac.slice(0, mac.indexOf('.')))
      return secret !== undefined && equalText(by(secret, text), mac)
    },
  }
}

const by = (secret: ServerSecret, text: string): string =>
  `${secret.id}.${encodeBase64url(hmacSha256(secret.subkey('keysets'), text))}`
