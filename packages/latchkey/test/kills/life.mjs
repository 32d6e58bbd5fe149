/** Clients of a server that somebody else disturbs: they go on, rest, and let the judge decide over what they saw. */
import { createClient } from './client.mjs'
import { judge } from './judge.mjs'
import { CLIENTS_PER_USER, chance, GRACE_SECONDS, pause, USERS } from './world.mjs'

/** Clients that ask nothing for so long have got stuck. */
const PATIENCE_MILLISECONDS = 60_000

/** The server is whoever stands at the gate of the fleet. */
export function createLife({ fleet, seed }) {
  const draw = chance(seed)
  const history = { logins: [], presentations: [], uses: [], endings: [] }
  const clients = USERS.flatMap((user) => {
    const account = { user, version: 0, tried: undefined, changing: false, made: 0 }
    return Array.from({ length: CLIENTS_PER_USER }, () => createClient({ fleet, account, chance: draw, history }))
  })
  let going = false
  let work = Promise.resolve()
  return { draw, go, halt, rest, refresh, accesses, signedIn, asked, settle, verdict, tally: () => tally(history) }

  /** Fails with the client that falls over. */
  function go() {
    going = true
    work = Promise.all(clients.map(live))
    return work
  }

  function halt() {
    going = false
  }

  /** Nothing is open any more. */
  async function rest() {
    halt()
    await work
    await Promise.all(clients.map((client) => client.rest()))
  }

  async function live(client) {
    while (going) await client.step()
  }

  async function refresh() {
    await Promise.all(clients.map((client) => client.refresh()))
  }

  /** The access tokens that are in use. */
  function accesses() {
    return clients.map((client) => client.access()).filter((token) => token !== undefined)
  }

  async function signedIn() {
    while (answered(history.logins, 'ok') < clients.length) await pause(5)
  }

  /** Counted in questions, so that on a slow machine there is as much under way as on a fast one. */
  async function asked(questions) {
    const enough = history.presentations.length + questions
    const patience = performance.now() + PATIENCE_MILLISECONDS
    while (history.presentations.length < enough) {
      if (performance.now() > patience) throw new Error('nobody presents anything any more')
      await pause(1)
    }
  }

  async function settle() {
    await Promise.all(clients.map((client) => client.settle()))
  }

  function verdict() {
    return judge(history, { graceSeconds: GRACE_SECONDS })
  }
}

const answered = (list, outcome) => list.filter((one) => one.outcome === outcome).length

function tally({ logins, presentations, uses, endings }) {
  return {
    sessions: answered(logins, 'ok'),
    presentations: presentations.length,
    rotations: new Set(presentations.map(({ successor }) => successor)).size,
    refusals: answered(presentations, 'refused'),
    unavailable: answered(presentations, 'unavailable'),
    unanswered: answered(presentations, 'lost') + answered(logins, 'lost') + answered(endings, 'lost'),
    uses: uses.length,
    endings: answered(endings, 'ok'),
  }
}
