/** A server that a test run starts once, at the first test file that needs it, on a free port and in a folder of its own. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const PATIENCE_MILLISECONDS = 60_000

/** What is known of a server that runs: how to reach it, and the command that stops it. */
export interface Running {
  readonly url: string
  readonly stop: readonly [string, readonly string[]]
}

/** Of all who ask at once the first starts it, and the others wait. `start` gets a folder that exists. */
export async function shared(
  services: string,
  name: string,
  start: (folder: string) => Promise<Running>,
): Promise<string> {
  const folder = join(services, name)
  const card = join(services, `${name}.json`)
  if (taken(folder)) {
    writeFileSync(`${card}.new`, JSON.stringify(await start(folder)))
    renameSync(`${card}.new`, card)
  }
  const until = performance.now() + PATIENCE_MILLISECONDS
  while (!existsSync(card)) {
    if (performance.now() > until) throw new Error(`${name} did not start`)
    await sleep(50)
  }
  return (JSON.parse(readFileSync(card, 'utf8')) as Running).url
}

/** Making a folder is atomic: one succeeds. */
function taken(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

export async function stopAll(services: string): Promise<void> {
  for (const card of readdirSync(services).filter((name) => name.endsWith('.json'))) {
    const [command, args] = (JSON.parse(readFileSync(join(services, card), 'utf8')) as Running).stop
    await exec(command, [...args], { cwd: '/' }).catch(() => {})
  }
}
