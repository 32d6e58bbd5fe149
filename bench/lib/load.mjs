/** So many requests to a server, each with one of the tokens it takes: microseconds of its CPU per request while it has no pause. */
import { quick, roundsWanted } from './command.mjs'
import { start } from './remote.mjs'
import { inTurn } from './turns.mjs'
import { release, undisturb } from './undisturbed.mjs'
import { bytesOf, openWire, sendAll } from './wire.mjs'

/** A request costs less for as long as V8 compiles: 212 us among the first 2,000 to Mercurius, 33 after some 10,000, which a server soon had. */
const pace = quick ? { warmUp: 20, slice: 20 } : { warmUp: 12_000, slice: 3_000 }

/** Enough that an answer is never the last one that a server has to give. */
const CONNECTIONS = 16

/** Rounds between two starts: where a process happens to lie in memory moves its figure more than any neighbour, and for as long as it runs. */
const ROUNDS_OF_A_START = 3

/**
 * A candidate is `{ module, make, options }`, as lib/serve.mjs takes them. Its facts may say what is sent (`request`) where that is no GET
 * of `/`, and how the answer begins (`begins`) where the status does not tell; `weight` is how
 * many times fewer of them are enough.
 */
export async function compareServers(candidates) {
  // Before they are started: their helper threads stay here, and only the main one is moved.
  undisturb(process.pid, 1, false)
  try {
    const figures = candidates.map(() => [])
    for (let left = roundsWanted; left > 0; left -= ROUNDS_OF_A_START) {
      const some = await startedAnew(candidates, Math.min(left, ROUNDS_OF_A_START))
      for (const [at, more] of some.entries()) figures[at].push(...more)
    }
    return figures
  } finally {
    release(process.pid)
  }
}

async function startedAnew(candidates, rounds) {
  const running = candidates.map(() => start('./serve.mjs'))
  try {
    const servers = []
    for (const [at, { module, make, options }] of candidates.entries()) {
      const { ask, pid } = running[at]
      const url = new URL(`../candidates/${module}`, import.meta.url).href
      servers.push({ ask, facts: await ask('prepare', url, make, options ?? {}) })
      // Where the system lets us: whoever asks must not stand in the way of whoever answers.
      undisturb(pid, 0, false)
    }
    for (const { facts } of servers) await answered(facts)
    for (const server of servers) await requests(server, pace.warmUp)
    return await inTurn(servers, (server) => requests(server, pace.slice), rounds)
  } finally {
    for (const one of running) one.stop()
  }
}

async function requests({ ask, facts }, wished) {
  const amount = Math.ceil(wished / (facts.weight ?? 1))
  const all = facts.tokens.map((token) => bytesOf(facts.url, { ...facts.request, token }))
  let at = 0
  const next = () => all[at++ % all.length]
  const wire = await openWire(facts.url, CONNECTIONS)
  try {
    // Awake again, with its code and data at hand.
    await sendAll(wire, Math.ceil(amount / 10), next)
    const before = await ask('cpu')
    await sendAll(wire, amount, next)
    return ((await ask('cpu')) - before) / amount
  } finally {
    wire.close()
  }
}

/** Once, before anything is measured. */
async function answered({ url, begins, request: { path, ...request } = {}, tokens }) {
  if (begins === undefined) return
  const headers = { ...request.headers, authorization: `Bearer ${tokens[0]}` }
  const text = await (await fetch(url + path, { ...request, headers })).text()
  if (!text.startsWith(begins)) throw new Error(`answered: ${text.slice(0, 200)}`)
}
