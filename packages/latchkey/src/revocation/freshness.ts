/** Whether what this process knows of revocations is recent enough, asked at every check, and what happens where it is not. */
import { AuthError } from '../errors.js'
import { inTime } from '../util/deadline.js'
import type { Clock } from '../util/time.js'
import type { Feed } from './feed.js'

/** `ask-store`: wait for a read that begins now · `deny`: answer 503 · `allow`: go on with what is known. */
export type WhenStale = 'ask-store' | 'deny' | 'allow'

export interface Freshness {
  /** Seconds since the last finished read began; Infinity before the first. */
  lag(now: number): number
  /** `undefined` where a check may go on; else what it has to wait for. Rejects with `store_failed`, `overloaded`. */
  overdue(now: number): Promise<void> | undefined
  /** Waits for a read that begins after this call, whatever is known. Rejects as `overdue`. */
  ask(): Promise<void>
  /** Looks whether the bound was passed, or is kept again, so that somebody is told who makes no request. */
  noticed(): void
}

export interface FreshnessParts {
  readonly feed: Pick<Feed, 'freshAt' | 'pull'>
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  readonly boundSeconds: number
  readonly whenStale: WhenStale
  /** Learns that the bound was passed, and that it is kept again. */
  readonly changed?: (stale: boolean, lagSeconds: number) => void
  /** How long a request waits for a read. Default 2. */
  readonly waitSeconds?: number
}

/** A store that failed is left alone this long: its callers are answered without it. */
const PAUSE_SECONDS = 0.25
/** More than would be answered in time anyway; each costs a few hundred bytes. */
const MOST_WAITING = 50_000

export function createFreshness(parts: FreshnessParts): Freshness {
  const { feed, clock, boundSeconds, whenStale, waitSeconds = 2 } = parts
  const { monotonic = () => performance.now() / 1000 } = parts
  let isStale = false
  let waiting = 0
  let shared: { readonly read: Promise<void>; readonly limited: Promise<void> } | undefined
  let failed: { readonly at: number; readonly cause: unknown } | undefined
  return { lag, overdue, ask, noticed: () => tell(clock()) }

  /** The larger of both clocks, and no timer: a process that was stopped knows it at its first request. */
  function lag(now: number): number {
    const { freshAt } = feed
    if (!freshAt) return Number.POSITIVE_INFINITY
    return Math.max(now - freshAt.wall, monotonic() - freshAt.monotonic)
  }

  function overdue(now: number): Promise<void> | undefined {
    if (lag(now) <= boundSeconds) return undefined
    tell(now)
    if (whenStale === 'allow') return undefined
    return whenStale === 'deny' ? Promise.reject(refusal(failed?.cause)) : ask()
  }

  async function ask(): Promise<void> {
    if (failed && monotonic() - failed.at < PAUSE_SECONDS) throw refusal(failed.cause)
    if (waiting >= MOST_WAITING) throw new AuthError('overloaded', { retryAfter: 1 })
    waiting++
    try {
      await limitedRead()
    } catch (cause) {
      throw refusal(cause)
    } finally {
      waiting--
    }
  }

  /** One limit for all who share a read: the feed gives everybody the same promise until that read begins. */
  function limitedRead(): Promise<void> {
    const read = feed.pull()
    if (shared?.read === read) return shared.limited
    const limited = inTime(read, waitSeconds, () => new Error(`no answer within ${waitSeconds} seconds`))
    shared = { read, limited }
    limited.then(
      () => {
        failed = undefined
      },
      (cause: unknown) => {
        failed = { at: monotonic(), cause }
      },
    )
    return limited
  }

  function tell(now: number): void {
    const lagSeconds = lag(now)
    if (lagSeconds > boundSeconds === isStale) return
    isStale = !isStale
    parts.changed?.(isStale, lagSeconds)
  }
}

/** One for each caller: what was said about one request is kept beside its error. */
const refusal = (cause: unknown): AuthError =>
  new AuthError('store_failed', { hint: 'the log of revocations could not be read in time', retryAfter: 1, cause })
