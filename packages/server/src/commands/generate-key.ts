/** `latchkey keys generate`: a key pair of one's own, as files that every other tool reads. Overwrites nothing. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { publicJwk, thumbprint } from 'latchkey/jwt'
import { EXIT, type Failure, failure, usage } from '../cli/failure.js'
import { choosePassphrase, type PassphraseOptions } from '../cli/passphrase.js'
import type { Answer, Task } from '../cli/task.js'
import { algorithmOf, keyOf } from './private-key.js'

interface GenerateOptions extends PassphraseOptions {
  readonly type: string
  readonly public?: string
  readonly algorithm?: string
  readonly jwk?: boolean
}

const rsa = (modulusLength: number) => (): KeyObject => generateKeyPairSync('rsa', { modulusLength }).privateKey
const ec = (namedCurve: string) => (): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey

const TYPES: Readonly<Record<string, () => KeyObject>> = {
  'rsa-2048': rsa(2048),
  'rsa-3072': rsa(3072),
  'rsa-4096': rsa(4096),
  'p-256': ec('prime256v1'),
  'p-384': ec('secp384r1'),
  'p-521': ec('secp521r1'),
  ed25519: () => generateKeyPairSync('ed25519').privateKey,
}

export async function generateKeyFiles({ args, options, io }: Task<GenerateOptions>): Promise<Answer> {
  const make = Object.hasOwn(TYPES, options.type) ? TYPES[options.type] : undefined
  if (!make) throw usage('There is no such type of key.', `one of ${Object.keys(TYPES).join(', ')}`)
  const alg = options.algorithm === undefined ? undefined : algorithmOf(options.algorithm)
  const path = resolve(io.cwd, args[0] ?? 'private.pem')
  const publicPath = options.public === undefined ? undefined : resolve(io.cwd, options.public)
  for (const one of [path, publicPath]) if (one !== undefined && existsSync(one)) throw taken(one)
  const passphrase = await choosePassphrase(options, io)
  const privateKey = make()
  const key = keyOf(privateKey, alg)
  const pem = publicPem(key.public as KeyObject)
  const jwk = { ...publicJwk(key), kid: thumbprint(key) }
  write(path, privatePem(privateKey, passphrase), 0o600)
  if (publicPath !== undefined) write(publicPath, pem, 0o644)
  const encrypted = passphrase !== undefined
  io.err(`Wrote ${path} (readable by you only${encrypted ? ', encrypted' : ', not encrypted'})\n`)
  if (publicPath !== undefined) io.err(`Wrote ${publicPath}\n`)
  // What others may know stands alone on stdout, so that a shell can keep it.
  const shown = [...(publicPath === undefined ? [pem] : []), ...(options.jwk ? [`${JSON.stringify(jwk)}\n`] : [])]
  return {
    value: { privateKey: path, encrypted, publicKey: publicPath ?? null, pem, jwk },
    text: shown.join(''),
  }
}

const publicPem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string

function privatePem(key: KeyObject, passphrase: string | undefined): string {
  const form = { type: 'pkcs8', format: 'pem' } as const
  return key.export(passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase }) as string
}

/** In one step with its mode: at no moment can others read it, and what is there stays. */
function write(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw taken(path)
    throw failure(EXIT.failed, 'failed', `${path} cannot be written.`, code)
  }
}

const taken = (path: string): Failure =>
  failure(EXIT.failed, 'conflict', `${path} exists already.`, 'nothing is overwritten')
