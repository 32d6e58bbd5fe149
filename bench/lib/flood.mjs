/** Good requests beside a flood: how long the slowest hundredth of them takes while others send so many tokens a second. */
import { quick, roundsWanted } from './command.mjs'
import { start } from './remote.mjs'
import { inTurn } from './turns.mjs'
import { undisturb } from './undisturbed.mjs'

/** Good requests a second: a steady trickle, alike in every arm. */
const GOOD_RATE = 200
const WARM_UP = 1_000

/**
 * An arm is `{ rate, amount, token, status }`: while good requests are timed, `amount` others arrive, `rate` a second, with what
 * `token()` makes, and each is to be answered with `status`; without a `token` nobody else comes, for as long. Answers a list of
 * `{ p99, busy }` per arm: milliseconds, and the share of a core that the server used. A candidate is what lib/serve.mjs takes, and the environment that it runs in.
 */
export async function besideOthers({ module, make, options, environment }, good, arms) {
  // Each crowd is a process of its own, so that the good requests are not waiting for whoever sends the others.
  const [serving, guarded, others] = [start('./serve.mjs', environment), start('./crowd.mjs'), start('./crowd.mjs')]
  try {
    const url = new URL(`../candidates/${module}`, import.meta.url).href
    const server = await serving.ask('prepare', url, make, options)
    // The server on one core, whoever asks on the other; nobody who is timed waits there for whoever floods.
    const alone = [
      undisturb(serving.pid, 0, true),
      undisturb(guarded.pid, 1, true),
      undisturb(others.pid, 1, false),
    ].every(Boolean)
    if (!alone) console.log('No core and no priority of our own could be had: the slowest tell of the scheduler, too.')
    for (const arm of arms) await measure({ ...arm, amount: Math.min(arm.amount, WARM_UP) })
    return await inTurn(arms, measure, Math.min(5, roundsWanted))

    async function measure({ rate, amount, token, status }) {
      const trickle = { ...good, rate: GOOD_RATE, amount: Math.ceil((GOOD_RATE * amount) / rate) }
      const crowds = [await prepared(guarded, server, trickle)]
      if (token) crowds.push(await prepared(others, server, { rate, amount, token, status }))
      const [before, begun] = [await serving.ask('cpu'), performance.now()]
      const [{ p99 }] = await Promise.all(crowds.map((go) => go()))
      return { p99, busy: ((await serving.ask('cpu')) - before) / 1000 / (performance.now() - begun) }
    }
  } finally {
    for (const one of [serving, guarded, others]) one.stop()
  }
}

async function prepared(crowd, { url }, { token, status, rate, amount }) {
  await crowd.ask('prepare', url, Array.from({ length: amount }, token))
  return async () => {
    const told = await crowd.ask('go', rate)
    // What was sent too slowly, or not answered as it should be, measures nothing.
    if (told.statuses[status] === amount && (quick || told.perSecond > rate * 0.8)) return told
    throw new Error(`${amount} requests, ${rate} a second, were not answered ${status}: ${JSON.stringify(told)}`)
  }
}
