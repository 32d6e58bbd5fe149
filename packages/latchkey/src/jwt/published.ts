/** Published HMAC secrets, recognised by a short digest, so that the list itself need not be shipped. */
import { sha256 } from '../util/bytes.js'
import { weakSecrets } from './weak-secrets.js'

// 5 bytes each: among some thousands of entries a random secret is taken for a published one once in 10^8 times.
const entryBytes = 5

let digests: Set<string> | undefined

/** Whether these bytes are a published secret, or one decoded from base64, among those long enough to be used at all. */
export function isPublished(secret: Uint8Array): boolean {
  digests ??= readDigests()
  return digests.has(sha256(secret).toString('latin1', 0, entryBytes))
}

function readDigests(): Set<string> {
  const table = Buffer.from(weakSecrets, 'base64').toString('latin1')
  const entries = new Set<string>()
  for (let at = 0; at < table.length; at += entryBytes) entries.add(table.slice(at, at + entryBytes))
  return entries
}
