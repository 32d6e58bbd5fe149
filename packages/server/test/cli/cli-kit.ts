/** The command line in this process: a folder of its own, an environment of its own, and what it printed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { Io } from '../../src/cli/io.js'
import { run } from '../../src/cli/run.js'

export interface CliOptions {
  readonly env?: Io['env']
  readonly stdin?: string
  readonly stopped?: () => Promise<void>
  readonly now?: () => number
}

export interface Ended {
  readonly exit: number
  readonly out: string
  readonly err: string
  /** What stdout is as JSON; throws where it is not exactly one value. */
  readonly value: unknown
}

export function cliKit(finished: (close: () => void) => void = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  finished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, cli, dev }

  /** Runs `latchkey` with these words. */
  async function cli(
    words: readonly string[],
    { env = {}, stdin = '', stopped, now }: CliOptions = {},
  ): Promise<Ended> {
    const said = { out: '', err: '' }
    const exit = await run(words, {
      env,
      cwd: folder,
      stdin: Readable.from([Buffer.from(stdin)]),
      isTerminal: false,
      clock: now ?? (() => Math.floor(Date.now() / 1000)),
      out: (text) => {
        said.out += text
      },
      err: (text) => {
        said.err += text
      },
      stopped: stopped ?? (() => Promise.resolve()),
    })
    return {
      exit,
      ...said,
      get value() {
        return JSON.parse(said.out)
      },
    }
  }

  /** The same in development mode, from one line of words. */
  function dev(line: string, options?: CliOptions): Promise<Ended> {
    return cli([...line.split(' '), '--dev'], options)
  }
}
