/** Where the passphrase of a private key comes from: a file, or somebody who types it. Never the arguments, which every process can read. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { EXIT, failure, usage } from './failure.js'
import type { Io } from './io.js'

export interface PassphraseOptions {
  readonly passphraseFile?: string
  /** Commander's `--no-passphrase`. */
  readonly passphrase?: boolean
}

/** For a key that has one. Throws usage where there is nobody to ask. */
export async function readPassphrase({ passphraseFile }: PassphraseOptions, io: Io): Promise<string> {
  if (passphraseFile !== undefined) return fromFile(passphraseFile, io)
  if (!io.isTerminal)
    throw usage('The key is encrypted, and there is nobody to ask for its passphrase.', 'name it by --passphrase-file')
  return ask('Passphrase of the key')
}

/** For a key that gets one; `undefined` for none. Where nobody can be asked there is none. */
export async function choosePassphrase(
  { passphraseFile, passphrase }: PassphraseOptions,
  io: Io,
): Promise<string | undefined> {
  if (passphraseFile !== undefined) return fromFile(passphraseFile, io)
  if (passphrase === false || !io.isTerminal) return undefined
  const first = await ask('Passphrase for the key (empty: none)')
  if (first === '') return undefined
  if ((await ask('The same again')) !== first)
    throw failure(EXIT.failed, 'passphrase_differs', 'The two passphrases differ.')
  return first
}

/** The file without the one line break at its end. */
function fromFile(path: string, io: Io): string {
  let text: string
  try {
    text = readFileSync(resolve(io.cwd, path), 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw failure(
      EXIT.failed,
      'not_found',
      'The passphrase file cannot be read.',
      `looked for ${resolve(io.cwd, path)}`,
    )
  }
  if (text === '') throw failure(EXIT.failed, 'passphrase_empty', 'The passphrase file is empty.')
  return text
}

async function ask(message: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message, output: process.stderr })
  if (isCancel(answer)) throw failure(EXIT.interrupted, 'interrupted', 'Interrupted.')
  return answer ?? ''
}
