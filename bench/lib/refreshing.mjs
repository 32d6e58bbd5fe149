/** Refreshes over HTTP by so many clients: each request redeems a token, and the one that comes back is redeemed later. */
import { bytesOf, openWire, sendAll } from './wire.mjs'

/** Milliseconds of CPU of the server, and of time, for each refresh. */
export async function refreshing({ ask, facts }, { clients, amount }) {
  const wire = await openWire(facts.url, Math.min(clients, amount))
  const before = await ask('cpu')
  const start = performance.now()
  await sendAll(wire, amount, redeeming, (text) => facts.tokens.push(/"refresh_token":"([^"]+)"/.exec(text)[1]))
  const time = performance.now() - start
  const cpu = ((await ask('cpu')) - before) / 1000
  wire.close()
  return { cpu: cpu / amount, time: time / amount }

  function redeeming() {
    const body = JSON.stringify({ refresh_token: facts.tokens.shift() })
    return bytesOf(facts.url, {
      method: 'POST',
      path: facts.path,
      headers: { 'content-type': 'application/json' },
      body,
    })
  }
}
