/** Asks for a guarded page again and again over one connection, and tells how long the slowest hundredth took. */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from './statistics.mjs'

/** `stop()` answers the 99th percentile in milliseconds. */
export function probe(url, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times = []
  let on = true
  const done = asking()
  return { stop }

  async function stop() {
    on = false
    await done
    agent.destroy()
    return percentile(times, 0.99)
  }

  async function asking() {
    while (on) {
      const start = performance.now()
      await once(url, { agent, headers: { authorization: `Bearer ${token}` } })
      times.push(performance.now() - start)
      await sleep(2)
    }
  }
}

const once = (url, options) =>
  new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the guard answered ${response.statusCode}`))
      response.resume().on('end', resolve)
    })
    request.on('error', reject)
  })
