/** The process of a candidate that is a server: it says where it listens, and what its CPU has done so far. */
import { answer } from './remote.mjs'

let ask

answer({ prepare, cpu, call })

/** `make` of a module answers `{ server, ...facts }`: a Node server that does not listen yet, and what the asker has to know. */
async function prepare(module, make, options) {
  const { server, functions, ...facts } = await (await import(module))[make](options)
  ask = functions
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { ...facts, url: `http://127.0.0.1:${server.address().port}` }
}

/** Microseconds, of all threads. */
function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Calls one of the functions that the candidate offers. */
function call(name, ...given) {
  return ask[name](...given)
}
