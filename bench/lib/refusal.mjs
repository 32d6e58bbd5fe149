/** Asks for a guarded page again and again over one connection, until it is refused. */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** Answers when that was, in milliseconds of the clock that all processes of a machine share. */
export async function refusal(url, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    for (;;) {
      const status = await once(url, { agent, headers: { authorization: `Bearer ${token}` } })
      if (status === 401) return Number(process.hrtime.bigint()) / 1e6
      if (status !== 200) throw new Error(`the guard answered ${status}`)
      // Whoever asks without a pause takes the time away from those who are measured.
      await sleep(1)
    }
  } finally {
    agent.destroy()
  }
}

const once = (url, options) =>
  new Promise((resolve, reject) => {
    const request = get(url, options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
    request.on('error', reject)
  })
