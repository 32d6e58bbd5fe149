/** A key to sign with, from a file: PEM as openssl and others write it, encrypted or not, or a shared secret. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AuthError } from 'latchkey'
import { type Algorithm, algorithms, importKey, type Key, type KeyInput } from 'latchkey/jwt'
import { EXIT, type Failure, failure, usage } from '../cli/failure.js'
import type { Io } from '../cli/io.js'
import { type PassphraseOptions, readPassphrase } from '../cli/passphrase.js'

/** The key of a file under the algorithm that was named, or the usual one for its kind. */
export async function readSigningKey(
  path: string,
  named: string | undefined,
  options: PassphraseOptions,
  io: Io,
): Promise<Key> {
  const alg = named === undefined ? undefined : algorithmOf(named)
  const text = readKeyFile(resolve(io.cwd, path))
  if (alg?.startsWith('HS')) return boundKey({ secret: text.replace(/\r?\n$/, '') }, alg)
  if (!text.includes('-----BEGIN '))
    throw unreadable('The key file holds no PEM key.', 'a shared secret needs --algorithm HS256')
  // "Proc-Type: 4,ENCRYPTED" inside the block is how openssl wrote it before PKCS#8.
  const passphrase = /\bENCRYPTED\b/.test(text) ? await readPassphrase(options, io) : undefined
  return keyOf(opened(text, passphrase), alg)
}

/** A private key under an algorithm, strong enough for it. */
export const keyOf = (material: KeyObject, alg: Algorithm = usualAlgorithm(material)): Key =>
  boundKey({ pem: material.export({ type: 'pkcs8', format: 'pem' }) as string }, alg)

/** Throws usage for a name that is none. */
export function algorithmOf(name: string): Algorithm {
  if ((algorithms as readonly string[]).includes(name)) return name as Algorithm
  throw usage('There is no such algorithm.', `one of ${algorithms.join(', ')}`)
}

const CURVES: Readonly<Record<string, Algorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

function usualAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  const alg = CURVES[asymmetricKeyDetails?.namedCurve ?? '']
  if (alg === undefined) throw unreadable('No algorithm signs with a key of this kind.')
  return alg
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw failure(EXIT.failed, 'not_found', 'The key file cannot be read.', `looked for ${path}`)
  }
}

function opened(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    // What OpenSSL says of a wrong passphrase helps nobody, and differs from version to version.
    if (passphrase !== undefined) throw unreadable('The key cannot be opened.', 'is this its passphrase?')
    throw unreadable('The key file holds no private key.', 'signing needs the private one')
  }
}

function boundKey(input: KeyInput, alg: Algorithm): Key {
  try {
    return importKey(input, alg, { sign: true })
  } catch (error) {
    throw error instanceof AuthError ? unreadable('The key cannot be used.', error.hint) : error
  }
}

const unreadable = (message: string, hint?: string): Failure => failure(EXIT.failed, 'key_unusable', message, hint)
