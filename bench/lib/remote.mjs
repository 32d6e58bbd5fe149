/** A process of its own for every candidate: it sleeps until it is asked, so it never runs beside another one. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Starts a program of this folder that calls `answer`; `environment` is what it has besides ours. */
export function start(program, environment = {}) {
  const env = { ...process.env, ...environment }
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), { execArgv: ['--expose-gc'], env })
  // Not killed: it has files to take away.
  return { ask, pid: child.pid, stop: () => child.connected && child.disconnect() }

  function ask(name, ...given) {
    return new Promise((resolve, reject) => {
      const ended = (code, signal) => reject(new Error(`a candidate ended by itself (${signal ?? code})`))
      child.once('exit', ended)
      child.once('message', ({ value, error }) => {
        child.off('exit', ended)
        if (error === undefined) resolve(value)
        else reject(new Error(error))
      })
      child.send({ name, given })
    })
  }
}

/** The other end: one question at a time, each answered by the function of its name. */
export function answer(functions) {
  process.on('message', async ({ name, given }) => {
    try {
      process.send({ value: await functions[name](...given) })
    } catch (error) {
      process.send({ error: error.stack })
    }
  })
  process.on('disconnect', () => process.exit())
}
