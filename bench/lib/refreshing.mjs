/** Refreshes over HTTP by so many clients: each request redeems a token, and the one that comes back is redeemed later. */
import autocannon from 'autocannon'

/** Milliseconds of CPU of the server, and of time, for each refresh. */
export async function refreshing({ ask, facts }, { clients, amount }) {
  const headers = { 'content-type': 'application/json' }
  const taken = new Set()
  const request = { method: 'POST', path: facts.path, headers, setupRequest, onResponse }
  const before = await ask('cpu')
  const start = performance.now()
  let last = start
  const load = { url: facts.url, connections: clients, amount, timeout: 60, requests: [request] }
  const { non2xx, errors, statusCodeStats } = await autocannon(load)
  if (non2xx + errors > 0) throw new Error(`refreshes failed: ${errors} errors, ${JSON.stringify(statusCodeStats)}`)
  // Autocannon ends at a whole second; the last answer is what was waited for.
  const time = last - start
  // Requests that were made and never sent: their tokens are still good.
  facts.tokens.push(...taken)
  return { cpu: ((await ask('cpu')) - before) / 1000 / amount, time: time / amount }

  function setupRequest(one, context) {
    context.token = facts.tokens.shift()
    taken.add(context.token)
    return { ...one, body: JSON.stringify({ refresh_token: context.token }) }
  }

  function onResponse(_status, body, { token }) {
    last = performance.now()
    taken.delete(token)
    facts.tokens.push(JSON.parse(body).refresh_token)
  }
}
