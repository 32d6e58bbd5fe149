/** Runs what a README tells its reader to type, and compares with what it says will be printed: `...` stands for anything. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect } from 'vitest'

const run = promisify(execFile)
const BLOCK = /^```(?<kind>sh|text)\n(?<text>[\s\S]*?)^```$/gm
const HERE = /https?:\/\/localhost:8000/g

/** Where a part of a README is followed, and which: the `sh` blocks from the first of these numbers up to the second. */
export interface Where {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly from?: number
  readonly to?: number
}

/** All `sh` blocks in one shell, in order; each `text` block is what was printed by the one before it. Answers how many there were. */
export async function followReadme(url: URL, base: string, { cwd, env, from = 0, to }: Where = {}): Promise<number> {
  const blocks = [...readFileSync(url, 'utf8').matchAll(BLOCK)].map(
    ({ groups = {} }) => groups as { kind: string; text: string },
  )
  const isSh = ({ kind }: { readonly kind: string }): boolean => kind === 'sh'
  const starts = blocks.flatMap((block, at) => (isSh(block) ? [at] : []))
  const part = blocks.slice(starts[from], to === undefined ? undefined : starts[to])
  const commands = part.filter(isSh).map(({ text }) => text.replaceAll(HERE, base))
  const script = commands.map((text) => `${text}\necho; echo '=== next ==='`).join('\n')
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd, env: { ...process.env, ...env } })
  const printed = stdout.split('\n=== next ===\n')
  let last = -1
  for (const { kind, text } of part) {
    if (kind === 'sh') last++
    else expect(`${printed[last]?.trim()}\n`, commands[last]).toMatch(patternOf(text))
  }
  return part.filter(({ kind }) => kind === 'text').length
}

function patternOf(text: string): RegExp {
  const parts = text.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+?')}$`)
}
