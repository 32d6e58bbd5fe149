/** Several servers over one database, each of which can be stopped as SIGSTOP stops, and resumed. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connection } from '../kills/fleet.mjs'
import { pause } from '../kills/world.mjs'

const PROGRAM = fileURLToPath(new URL('./server.mjs', import.meta.url))

/** `options` go to every server, `users` are made by the first of them. */
export async function startReplicas(processes, { users, ...options }) {
  const children = []
  // One that is stopped would not notice that nobody is left.
  process.once('exit', killAll)
  try {
    const first = await start(0, { ...options, users })
    const others = Array.from({ length: processes - 1 }, (_, n) => start(n + 1, { ...options, users: [] }))
    return { replicas: [first, ...(await Promise.all(others))], end }
  } catch (error) {
    await end()
    throw error
  }

  async function start(name, given) {
    const child = fork(PROGRAM, { execArgv: ['--no-warnings'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const gone = once(child, 'exit')
    children.push({ child, gone })
    child.send(given)
    const [port] = await Promise.race([once(child, 'message'), gone])
    if (typeof port !== 'number' || child.exitCode !== null) throw new Error('the server ended before it served')
    return createReplica(name, child, connection(port))
  }

  function killAll() {
    for (const { child } of children) child.kill('SIGKILL')
  }

  async function end() {
    process.off('exit', killAll)
    killAll()
    await Promise.all(children.map(({ gone }) => gone))
  }
}

function createReplica(name, child, call) {
  let open = 0
  const replica = { name, serves: true, waiting: [], ask, stop, resume: () => child.kill('SIGCONT') }
  return replica

  async function ask(...question) {
    open++
    try {
      return await call(...question)
    } finally {
      open--
    }
  }

  /** Stops between two requests: one that is under way would hold up whoever asked, and it is not what is judged here. */
  async function stop() {
    replica.serves = false
    while (open > 0) await pause(1)
    child.kill('SIGSTOP')
  }
}
