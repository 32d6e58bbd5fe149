/** The log of revocations of an issuer elsewhere: its pages over HTTP, as a feed reads a store, and nothing is ever written. */
import { AuthError } from '../errors.js'
import type { FetchJson } from '../keys/fetch.js'
import type { Epoch, LogRead, RevocationLog, Scope, Stamp } from '../stores/port.js'
import { OWN_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'

/** What opens the issuer's log: text, or a function where it changes. */
export type RemoteToken = string | (() => string | Promise<string>)

export interface RemoteLogParts {
  /** Where the pages are. */
  readonly url: string
  readonly token: RemoteToken
  readonly fetchJson: FetchJson
  readonly clock: Clock
}

const SCOPES: readonly Scope[] = ['session', 'user', 'jti', 'key', 'everybody', 'permissions']

export function createRemoteLog({
  url,
  token,
  fetchJson,
  clock,
}: RemoteLogParts): Pick<RevocationLog, 'since' | 'append'> {
  return {
    since,
    // A backup came back there: what is known here stays known, and the issuer's own servers tell its store.
    append: async () => ({ stamp: 0, at: clock() }),
  }

  async function since(after: Stamp, limit: number): Promise<LogRead> {
    const epochs: Epoch[] = []
    for (let from = after; ; ) {
      const page = readPage(await ask(from, limit), from)
      for (const epoch of page.epochs) epochs.push(epoch)
      const { head, now, next } = page
      // What is left out there may make pages short that are not the last.
      if (next === undefined || epochs.length >= limit) return { epochs, head, ring: 0, now }
      from = next
    }
  }

  async function ask(after: Stamp, limit: number): Promise<unknown> {
    const asked = new URL(url)
    asked.searchParams.set('after', String(after))
    asked.searchParams.set('limit', String(limit))
    try {
      const headers = await authorized(token)
      return (await fetchJson(asked.href, undefined, { headers })).value
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'unknown'
      throw new AuthError('store_failed', {
        hint: `the issuer does not tell its revocations: ${why}`,
        retryAfter: 1,
        cause,
      })
    }
  }
}

export async function authorized(token: RemoteToken): Promise<{ readonly authorization: string }> {
  return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` }
}

function readPage(value: unknown, after: Stamp): Omit<LogRead, 'ring'> & { readonly next: Stamp | undefined } {
  const { epochs, head, now, next } = Object(value) as Readonly<Record<string, unknown>>
  // A next page at or before this one would be asked for without end.
  const goesOn = next === undefined || (isStamp(next) && next > after)
  if (!Array.isArray(epochs) || !isStamp(head) || typeof now !== 'number' || !goesOn) throw unreadable()
  return { epochs: epochs.filter(isOurs).map(readEpoch), head, now, next }
}

const isOurs = (epoch: unknown): boolean => (Object(epoch) as { row?: unknown }).row === OWN_ROW

function readEpoch(value: unknown): Epoch {
  const { scope, key, stamp, until } = value as Readonly<Record<string, unknown>>
  if (!SCOPES.includes(scope as Scope) || typeof key !== 'string' || !isStamp(stamp) || typeof until !== 'number')
    throw unreadable()
  return { scope: scope as Scope, row: OWN_ROW, key, stamp, until }
}

const isStamp = (value: unknown): value is Stamp => Number.isSafeInteger(value) && (value as number) >= 0

const unreadable = (): AuthError =>
  new AuthError('store_failed', { hint: 'what the issuer tells of its revocations cannot be read', retryAfter: 1 })
