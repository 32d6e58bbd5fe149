/** None of the 103,979 published secrets can be a key, as it stands or decoded (case 11). */
import { expect, test } from 'vitest'
import { importKey } from '../../src/jwt/key.js'
import { weakSecrets } from '../../src/jwt/weak-secrets.js'
import { count } from '../count.js'
import { keyPolicy, refusal, vectorText } from './support.js'

const secrets = vectorText('weak-secrets/jwt.secrets.list').split(/\r?\n/).slice(0, -1)
const refused = (secret: string | Uint8Array) =>
  expect(refusal(() => importKey({ secret }, 'HS256'))).toEqual(keyPolicy)

test('every published secret is refused', () => {
  expect(secrets).toHaveLength(103_979)
  for (const secret of secrets) refused(secret)
  count('published secrets', secrets.length)
}, 120_000)

test('those of 32 bytes and more are refused in every other way to write them', () => {
  const long = secrets.filter((secret) => Buffer.byteLength(secret) >= 32)
  expect(long).toHaveLength(1_886)
  for (const secret of long) {
    const bytes = Buffer.from(secret)
    refused(bytes)
    refused(`${secret}\n`)
    refused(`base64:${bytes.toString('base64')}`)
    refused(`hex:${bytes.toString('hex')}`)
  }
})

test('those that are base64 are refused decoded', () => {
  const decoded = secrets.map((secret) => Buffer.from(secret, 'base64')).filter((bytes) => bytes.length >= 32)
  expect(decoded.length).toBeGreaterThan(700)
  for (const bytes of decoded) refused(bytes)
})

test('random secrets are not', () => {
  for (let at = 0; at < 1_000; at++) {
    const secret = Uint8Array.from(
      { length: 32 },
      (_, index) => (at * 7_919 + index * 104_729 + ((at * index) % 253)) % 256,
    )
    if (new Set(secret).size > 16) expect(importKey({ secret }, 'HS256').alg).toBe('HS256')
  }
})

test('the shipped digests are those of the list', async () => {
  const { weakSecretsSource } = await import('../../../../scripts/weak-secrets.mjs')
  expect(weakSecretsSource()).toContain(weakSecrets)
})
