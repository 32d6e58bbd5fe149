/** One server at a time over one database, started again after every kill by a process that was loaded beforehand. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./server.mjs', import.meta.url))

/** `isStepped`: its clock is what `tell({ offset })` says. `env`: more of the environment of the servers. */
export function createFleet({ database, variant = 'none', isStepped = false, env = {} }) {
  const load = () => loadWith(env)
  let spare = load()
  let running
  let gate = newGate()
  return { start, kill, stop, tell, up: () => gate.opened, pid: () => running.process.pid, gone: () => running.gone }

  /** Answers true when it serves, false when it was killed before it could. */
  async function start() {
    const child = spare
    running = child
    spare = load()
    await child.loaded
    const answered = new Promise((resolve) => child.process.once('message', resolve))
    if (child.process.connected) child.process.send({ database, variant, isStepped })
    const port = await Promise.race([answered, child.gone])
    if (typeof port !== 'number') {
      // Only a kill may end it: a server that falls over by itself is a finding of its own.
      if (child.process.signalCode !== 'SIGKILL') throw new Error('the server ended before it served')
      return false
    }
    gate.open(connection(port))
    return true
  }

  async function kill() {
    // Who waits at a gate that never opened goes on waiting there.
    if (gate.isOpen) gate = newGate()
    running.process.kill('SIGKILL')
    await running.gone
  }

  /** Answers when the server says that it has heard. */
  async function tell(message) {
    const heard = once(running.process, 'message')
    running.process.send(message)
    await Promise.race([heard, running.gone])
  }

  async function stop() {
    spare.process.kill('SIGKILL')
    await Promise.all([spare.gone, kill()])
  }
}

function loadWith(env) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc']
  const child = fork(PROGRAM, { execArgv: [], stdio, env: { ...process.env, ...env } })
  const gone = once(child, 'exit').then(() => 'gone')
  return { process: child, gone, loaded: Promise.race([once(child, 'message'), gone]) }
}

function newGate() {
  const gate = { isOpen: false }
  gate.opened = new Promise((resolve) => {
    gate.open = (call) => {
      gate.isOpen = true
      resolve(call)
    }
  })
  return gate
}

/** Calls one server: `undefined` where the answer got lost, `refused` where the question never arrived. */
export function connection(port) {
  const agent = new Agent({ keepAlive: true })
  return (method, path, { token, body } = {}) =>
    new Promise((resolve) => {
      const headers = {
        ...(body && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      }
      const outgoing = request({ port, host: '127.0.0.1', agent, method, path, headers }, (incoming) => {
        let text = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk) => {
          text += chunk
        })
        incoming.on('end', () => {
          if (!incoming.complete) return resolve(undefined)
          resolve({ status: incoming.statusCode, body: text.startsWith('{') ? JSON.parse(text) : undefined })
        })
        incoming.on('error', () => resolve(undefined))
      })
      outgoing.on('error', (error) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : undefined))
      outgoing.end(body && JSON.stringify(body))
    })
}
