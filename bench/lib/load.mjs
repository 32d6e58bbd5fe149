/** So many requests to a server, each with one of the tokens it takes: microseconds of its CPU per request. */
import autocannon from 'autocannon'
import { quick, roundsWanted } from './command.mjs'
import { start } from './remote.mjs'
import { inTurn } from './turns.mjs'

const pace = quick ? { warmUp: 20, slice: 20 } : { warmUp: 6_000, slice: 3_000 }

/** Rounds between two starts: where a process happens to lie in memory moves its figure more than any neighbour, and for as long as it runs. */
const ROUNDS_OF_A_START = 3

/**
 * A candidate is `{ module, make, options }`, as lib/serve.mjs takes them. Its facts may say what is sent (`request`) where that is no GET
 * of `/`, and how the answer begins (`begins`) where the status does not tell; `weight` is how
 * many times fewer of them are enough.
 */
export async function compareServers(candidates) {
  const figures = candidates.map(() => [])
  for (let left = roundsWanted; left > 0; left -= ROUNDS_OF_A_START) {
    const some = await startedAnew(candidates, Math.min(left, ROUNDS_OF_A_START))
    for (const [at, more] of some.entries()) figures[at].push(...more)
  }
  return figures
}

async function startedAnew(candidates, rounds) {
  const running = candidates.map(() => start('./serve.mjs'))
  try {
    const servers = []
    for (const [at, { module, make, options }] of candidates.entries()) {
      const url = new URL(`../candidates/${module}`, import.meta.url).href
      servers.push({ ask: running[at].ask, facts: await running[at].ask('prepare', url, make, options ?? {}) })
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
  const before = await ask('cpu')
  const all = facts.tokens.map((token) => asked(facts, token))
  // A quick run asks for less than that many.
  const connections = Math.min(16, amount)
  const { non2xx, errors } = await autocannon({ url: facts.url, connections, amount, requests: all })
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of ${amount} requests were refused`)
  return ((await ask('cpu')) - before) / amount
}

const asked = ({ request = {} }, token) => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
})

/** Once, before anything is measured. */
async function answered({ url, begins, ...facts }) {
  if (begins === undefined) return
  const { path, ...request } = asked(facts, facts.tokens[0])
  const text = await (await fetch(url + path, request)).text()
  if (!text.startsWith(begins)) throw new Error(`answered: ${text.slice(0, 200)}`)
}
