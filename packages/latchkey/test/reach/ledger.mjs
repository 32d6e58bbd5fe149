/** Asks the servers, and writes down what was asked, where, when and how it was answered. */

export function createLedger() {
  const ledger = { shown: [], endings: [], stops: [], unseen: [], ask, show }
  return ledger

  async function ask(replica, method, path, how) {
    const start = performance.now()
    const answer = await replica.ask(method, path, how)
    return { start, end: performance.now(), outcome: outcomeOf(answer), code: answer?.body?.code, answer }
  }

  /** Presents an access token where nobody but the guard is asked. */
  async function show(replica, token) {
    const { answer: _, ...record } = await ask(replica, 'GET', '/guarded', { token: token.access })
    const one = { ...record, token, replica: replica.name }
    ledger.shown.push(one)
    return one
  }
}

/** `ok`, `refused` (401), `unavailable` (503), `lost` (no answer), or the status of anything else. */
function outcomeOf(answer) {
  if (typeof answer !== 'object') return 'lost'
  return { 200: 'ok', 204: 'ok', 401: 'refused', 503: 'unavailable' }[answer.status] ?? `status ${answer.status}`
}
