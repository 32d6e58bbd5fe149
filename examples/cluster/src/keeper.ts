/** Keeps a process running: whoever dies is started again, as systemd, Docker or Kubernetes would. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Kept {
  readonly name: string
  readonly port: number
  readonly pid: number | undefined
  /** True from the moment it can be used until it dies. */
  readonly isUp: boolean
  stop(): Promise<void>
}

export interface KeepOptions {
  readonly name: string
  readonly port: number
  start(): ChildProcess
  /** Resolves when the process can be used. */
  ready(child: ChildProcess): Promise<void>
  /** How long it stays away, in milliseconds. */
  readonly pause: number
  /** At which it ends by itself. */
  readonly signal: NodeJS.Signals
}

const PATIENCE_MILLISECONDS = 5_000

/** Starts it, and starts it again for as long as it is not stopped. */
export function keep({ name, port, start, ready, pause, signal }: KeepOptions): Kept {
  let child: ChildProcess | undefined
  let isUp = false
  let isStopping = false
  const over = live()
  // Whatever ends this program, none of its processes is left over.
  process.once('exit', () => child?.kill('SIGKILL'))
  return {
    name,
    port,
    get pid() {
      return child?.pid
    },
    get isUp() {
      return isUp
    },
    stop,
  }

  async function live(): Promise<void> {
    while (!isStopping) {
      child = start()
      const gone = goneOf(child)
      isUp = await Promise.race([ready(child).then(yes, no), gone.then(no)])
      if (isUp) console.log(`${name} is up: pid ${child.pid}`)
      await gone
      isUp = false
      if (isStopping) return
      console.log(`${name} died: ${child.signalCode ?? `exit code ${child.exitCode}`}`)
      await sleep(pause)
    }
  }

  async function stop(): Promise<void> {
    isStopping = true
    child?.kill(signal)
    const force = setTimeout(() => child?.kill('SIGKILL'), PATIENCE_MILLISECONDS)
    await over
    clearTimeout(force)
  }
}

const yes = (): boolean => true
const no = (): boolean => false

function goneOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}
