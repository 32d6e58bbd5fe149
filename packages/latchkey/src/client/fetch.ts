/** `fetch` for the API: the credential on the request, and a second attempt after a refresh that mends. */
import { type Browser, secondsOf } from './browser.js'
import type { Home } from './home.js'
import type { Keeper, Mark } from './keeper.js'
import { MENDABLE } from './mendable.js'
import { problemOf } from './refused.js'
import type { Renewing } from './renew.js'
import type { Client } from './types.js'

/** How long a token that was refused right after its refresh is not refreshed again for that. */
const FUTILE_SECONDS = 30

export interface FetchParts {
  readonly browser: Browser
  readonly home: Home
  readonly keeper: Keeper
  readonly renewing: Renewing
  readonly send: Browser['fetch']
}

export function createFetch({ browser, home, keeper, renewing, send }: FetchParts): Client['fetch'] {
  let futile: { readonly mark: Mark; readonly until: number } | undefined

  return async (input, init) => {
    const request = home.request(input, init)
    // An anonymous request, or one with a credential of its own, is none of ours: so is whatever goes elsewhere.
    const isForeign = !home.owns(request) || request.headers.has('authorization') || request.credentials === 'omit'
    if (isForeign || !keeper.maybe()) return send(request)
    const spare = spareOf(request, input, init)
    const who = keeper.user()?.id

    const age = keeper.age()
    if (age !== 'fresh' && !renewing.isResting()) {
      const refreshed = renewing.renew(keeper.mark()).catch(() => {})
      // While the token is good nobody has to wait, unless the request cannot be sent twice.
      if (age === 'late' || !spare) await unlessAborted(refreshed, request.signal)
    }
    const dressed = await dress(request)
    const mark = keeper.mark()
    const response = await send(dressed)
    if (!(await isMended(response, dressed, mark)) || !spare) return response
    // What one user wanted is not done in the name of the next one.
    if (who !== undefined && keeper.user()?.id !== who) return response
    const second = await send(await dress(spare))
    const problem = second.status === 401 ? await problemOf(second) : undefined
    if (problem && MENDABLE.test(problem.code)) {
      futile = { mark: keeper.mark(), until: secondsOf(browser) + FUTILE_SECONDS }
    }
    return second
  }

  /** The same request once more, without reading its body into memory where it can be made anew; none for a stream. */
  function spareOf(request: Request, input: string | URL | Request, init?: RequestInit): Request | undefined {
    if ('getReader' in Object(init?.body)) return undefined
    return input instanceof Request ? request.clone() : home.request(input, init)
  }

  async function dress(request: Request): Promise<Request> {
    for (const [name, value] of Object.entries(await keeper.headers(request.method))) {
      if (!request.headers.has(name)) request.headers.set(name, value)
    }
    const isByCookie = keeper.transport === 'cookie' && home.goesAbroad(request)
    return isByCookie ? new Request(request, { credentials: 'include' }) : request
  }

  /** Whether a second attempt with what is there now makes sense. */
  async function isMended(response: Response, request: Request, mark: Mark): Promise<boolean> {
    if (response.status !== 401 && response.status !== 403) return false
    const problem = await problemOf(response)
    if (problem?.code === 'csrf_failed' && problem.layer === 'token')
      return keeper.another(request.headers.get('x-csrf-token'))
    if (!problem || !MENDABLE.test(problem.code) || isFutile()) return false
    const refreshed = renewing.renew(mark).then(
      () => true,
      () => false,
    )
    return unlessAborted(refreshed, request.signal)
  }

  function isFutile(): boolean {
    return (
      renewing.isResting() || (futile !== undefined && secondsOf(browser) < futile.until && !keeper.moved(futile.mark))
    )
  }
}

/** Who gives up a request does not wait for the refresh, which goes on for the others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
