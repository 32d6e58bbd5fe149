/** Requests to the endpoints themselves: JSON both ways, bounded in time, a refusal as an error. */
import type { Browser } from './browser.js'
import type { Home } from './home.js'
import type { Proof } from './keeper.js'
import { refusalOf } from './refused.js'

interface Asked {
  readonly headers?: Proof['headers']
  /** Absent: a GET. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Default 5. */
  readonly seconds?: number
}

/** Answers with the body. Rejects with `Refused`, or as `fetch` does. */
export type Ask = (path: string, asked?: Asked) => Promise<unknown>

export function createAsk(
  browser: Browser,
  home: Home,
  send: Browser['fetch'],
  credentials: NonNullable<RequestInit['credentials']>,
): Ask {
  return async (path, { body, headers = {}, seconds = 5 } = {}) => {
    const posted = body && { method: 'POST', body: JSON.stringify(body) }
    const json = body && { 'content-type': 'application/json' }
    const signal = browser.AbortSignal.timeout(seconds * 1000)
    const response = await send(
      home.request(home.base + path, { ...posted, headers: { ...json, ...headers }, credentials, signal }),
    )
    if (!response.ok) throw await refusalOf(response)
    return response.status === 204 ? undefined : response.json()
  }
}
