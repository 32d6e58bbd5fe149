/** Stops a replica for a while, and asks it the moment it is back for what ended meanwhile. */
import { pause } from '../kills/world.mjs'

/** So many wait at its door when it resumes, of those that ended and of those that are good. */
const AT_THE_DOOR = 20
/** What is asked lies in its sockets by then. */
const ARRIVAL_MILLISECONDS = 50
const PATIENCE_MILLISECONDS = 30_000

/** Answers what its first requests were answered, and how long after it resumed. `good` answers tokens that nobody ended. */
export async function stopFor(seconds, { replica, ledger, good }) {
  await replica.stop()
  const stop = { replica: replica.name, from: performance.now(), to: Number.POSITIVE_INFINITY }
  ledger.stops.push(stop)
  await pause(seconds * 1000)
  const ended = replica.waiting.splice(0)
  const door = [...ended.slice(-AT_THE_DOOR).map(({ token }) => token), ...good()]
  const asked = door.map((token) => ledger.show(replica, token))
  await pause(ARRIVAL_MILLISECONDS)
  stop.to = performance.now()
  replica.resume()
  const answers = await Promise.all(asked)
  replica.serves = true
  for (const { token } of [...ended, ...replica.waiting.splice(0)]) await untilRefused(token)
  return {
    ended: ended.length,
    first: answers.length,
    taken: answers.slice(0, Math.min(ended.length, AT_THE_DOOR)).filter(({ outcome }) => outcome === 'ok').length,
    unavailable: answers.filter(({ outcome }) => outcome === 'unavailable').length,
    slowestMilliseconds: Math.round(Math.max(...answers.map(({ end }) => end - stop.to))),
  }

  async function untilRefused(token) {
    for (;;) {
      const one = await ledger.show(replica, token)
      if (one.outcome === 'refused') return
      if (one.start > stop.to + PATIENCE_MILLISECONDS) return ledger.unseen.push(one)
      await pause(20)
    }
  }
}
