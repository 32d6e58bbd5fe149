/** Replicas in processes of their own, and a door to each. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { AuthOptions } from '../../../src/index.js'
import { ISSUER, SECRET } from '../../auth-kit.js'
import { crowdOptions } from './crowd.js'
import type { Door } from './scene.js'

const program = fileURLToPath(new URL('child.mjs', import.meta.url))

type Answer = Awaited<ReturnType<Door>>

export interface Process {
  readonly door: Door
  stop(): void
}

/** Answers when it serves. */
export async function startProcess(database: string, options: Partial<AuthOptions> = {}): Promise<Process> {
  const all = { ...crowdOptions, issuer: ISSUER, secret: SECRET, ...options, database }
  const child = fork(program, [JSON.stringify(all)], { execArgv: ['--no-warnings'] })
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('a replica fell over')))
  await Promise.race([once(child, 'message'), gone])
  return { door: doorTo(child), stop: () => child.disconnect() }
}

function doorTo(child: ChildProcess): Door {
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  child.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  return (question) =>
    new Promise((resolve) => {
      waiting.set(++asked, resolve)
      child.send({ id: asked, question })
    })
}
