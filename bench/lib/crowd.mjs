/** The process of the many: so many requests a second, evenly spread whatever becomes of the answers, each with a token of its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from './remote.mjs'
import { percentile } from './statistics.mjs'
import { bytesOf, openWire } from './wire.mjs'

/** Enough that none of them has to wait for another while answers take milliseconds. */
const CONNECTIONS = 16

let requests
let wire

answer({ prepare, go })

/** Everything that is to be done before the first request, so that nothing of it happens beside one. */
async function prepare(url, tokens) {
  requests = tokens.map((token) => bytesOf(url, { token }))
  wire = await openWire(url, CONNECTIONS)
  globalThis.gc()
}

/**
 * Answers how often there was which status, and the 99th percentile in milliseconds, from the moment a request was handed to
 * its connection to the last byte of the answer.
 */
async function go(perSecond) {
  const statuses = {}
  const times = []
  let all
  const answers = new Promise((done) => {
    all = done
  })
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  for (let sent = 0; sent < requests.length; ) {
    // Whoever was kept waiting does not make up for it in a burst.
    const due = Math.min(requests.length, Math.floor(seconds() * perSecond) + 1, sent + mostAtOnce(perSecond))
    while (sent < due) send(requests[sent++])
    await sleep(Math.max(1, (sent / perSecond - seconds()) * 1000))
  }
  await answers
  wire.close()
  return { statuses, p99: percentile(times, 0.99), perSecond: requests.length / seconds() }

  function send(request) {
    const start = performance.now()
    wire.send(request, (status) => {
      times.push(performance.now() - start)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (times.length === requests.length) all()
    })
  }
}

const mostAtOnce = (perSecond) => Math.ceil((2 * perSecond) / 1000)
