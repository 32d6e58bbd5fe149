/** The process of the many: so many requests a second, evenly spread, each with a token of its own. */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from './remote.mjs'

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

answer({ crowd })

/** Answers when each token got an answer, good or bad; rejects if one got none. */
async function crowd(url, tokens, perSecond) {
  const began = performance.now()
  const asked = []
  while (asked.length < tokens.length) {
    const due = Math.ceil(((performance.now() - began) / 1000) * perSecond)
    while (asked.length < Math.min(due, tokens.length)) asked.push(once(url, tokens[asked.length]))
    await sleep(1)
  }
  await Promise.all(asked)
}

function once(url, token) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume().on('end', resolve)
    })
    request.on('error', reject)
  })
}
