/** Where a new password comes from: somebody who types it twice, or stdin. Never the arguments, which every process can read. */
import type { Readable } from 'node:stream'
import { EXIT, failure, usage } from './failure.js'
import type { Io } from './io.js'

/** Longer than any password or token may be. */
const MOST_BYTES = 65_536

export async function readPassword({ io, options }: { io: Io; options: { passwordStdin?: boolean } }): Promise<string> {
  if (options.passwordStdin) return readLine(io.stdin)
  if (!io.isTerminal) throw usage('There is nobody to ask for a password.', 'pipe it in, with --password-stdin')
  return ask()
}

async function ask(): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const output = process.stderr
  const first = await password({ message: 'Password', output })
  const second = isCancel(first) ? first : await password({ message: 'The same again', output })
  if (isCancel(first) || isCancel(second)) throw failure(EXIT.interrupted, 'interrupted', 'Interrupted.')
  if (first !== second) throw failure(EXIT.failed, 'password_differs', 'The two passwords differ.')
  return first
}

/** All of stdin, without the one line break at its end. */
export async function readLine(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    size += chunk.length
    if (size > MOST_BYTES) break
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
