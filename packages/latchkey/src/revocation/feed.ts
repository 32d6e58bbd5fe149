/** How revocations get here: the store's log read by stamp, completely, page by page, from a cursor that never runs ahead of it. */
import { AuthError } from '../errors.js'
import type { Epoch, LogRead, NewEpoch, RevocationLog, Stamp, Wake } from '../stores/port.js'
import { inTime } from '../util/deadline.js'
import type { Clock } from '../util/time.js'
import type { Epochs } from './epochs.js'

/** A moment by two clocks: the wall's, and one in seconds that nobody can set. */
interface Moment {
  readonly wall: number
  readonly monotonic: number
}

export interface Feed {
  /** Everything up to here is known. Unknown before `start` is done: 0. */
  readonly head: Stamp
  /** When the last read began that told all there was; `undefined` before the first. */
  readonly freshAt: Moment | undefined
  /** Reads all there is, then goes on reading in the background. Throws what the store throws. */
  start(): Promise<void>
  stop(): void
  /** A read that begins after this call; callers who wait share one. */
  pull(): Promise<void>
  /** Tells where the log stands after every read, and after what was written here; answers how to stop. Listeners must not throw. */
  onNews(tell: (head: Stamp) => void): () => void
  /** Writes epochs and applies them here at once: the next request of this process sees them. */
  append(
    what: readonly NewEpoch[],
    because: string,
    spare?: string,
  ): Promise<{ readonly stamp: Stamp; readonly at: number }>
}

export interface FeedParts {
  readonly log: Pick<RevocationLog, 'since' | 'append'>
  readonly epochs: Epochs
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** Seconds between two reads. Default 1. */
  readonly poll?: number
  /** Says when a read is worth while before its time. */
  readonly wake?: Wake | undefined
  /** Learns the keyring's version at every read. */
  readonly ring?: (version: number) => void
  /** Learns of reads in the background that failed. */
  readonly failed?: (error: unknown) => void
  /** Learns of reads that told all there was. */
  readonly finished?: () => void
  /** Learns that the log was behind what this process knows: a backup came back. */
  readonly rewound?: () => void
}

const PAGE = 1000
const PRUNE_SECONDS = 1
/** A connection that died without a word must not keep us from asking on another. */
const READ_SECONDS = 3

export function createFeed(parts: FeedParts): Feed {
  const { log, epochs, clock, poll = 1, monotonic = () => performance.now() / 1000 } = parts
  let cursor: Stamp = 0
  let written: Stamp = 0
  // The latest epoch that is known to stand in the log: where it is missing, the log is an older one that grew again.
  let latest: Epoch | undefined
  let freshAt: Moment | undefined
  let prunedAt = monotonic()
  let reading: Promise<void> | undefined
  let waiting: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let deaf: (() => void) | undefined
  const listeners = new Set<(head: Stamp) => void>()

  return {
    get head() {
      return cursor
    },
    get freshAt() {
      return freshAt
    },
    start,
    stop,
    pull,
    onNews(tell) {
      listeners.add(tell)
      return () => void listeners.delete(tell)
    },
    append,
  }

  async function start(): Promise<void> {
    stop()
    // Before the first read, so that nothing falls in between.
    deaf = await parts.wake?.listen(() => void pull().catch((error: unknown) => parts.failed?.(error)))
    await pull()
    schedule()
  }

  function stop(): void {
    clearTimeout(timer)
    timer = undefined
    deaf?.()
    deaf = undefined
  }

  /** One read after the other, never two at once, and never a reason for the process to stay alive. */
  function schedule(): void {
    clearTimeout(timer)
    const mine = setTimeout(() => {
      pull()
        .catch((error: unknown) => parts.failed?.(error))
        // Stopped, or started anew, while it was reading: then another timer counts, or none.
        .finally(() => timer === mine && schedule())
    }, poll * 1000)
    mine.unref()
    timer = mine
  }

  function pull(): Promise<void> {
    if (!reading) {
      reading = readAll().finally(() => {
        reading = undefined
      })
      return reading
    }
    // The read under way may have looked before the caller's reason to ask, so the caller gets the next one.
    waiting ??= reading
      .catch(() => {})
      .then(() => {
        waiting = undefined
        return pull()
      })
    return waiting
  }

  async function readAll(): Promise<void> {
    let missing = expected()
    let from = missing ? Math.min(cursor, missing.stamp - 1) : cursor
    for (;;) {
      const began = { wall: clock(), monotonic: monotonic() }
      // Taken before the read: what is written during it may be above the head that it sees.
      const committed = Math.max(cursor, written)
      const read = await since(from)
      parts.ring?.(read.ring)
      if (missing && read.epochs.some((epoch) => isIn(epoch, missing as Epoch))) missing = undefined
      const isAll = read.epochs.length < PAGE
      if (read.head < committed || (isAll && missing)) {
        await remind(missing ? await lastBelow(missing.stamp) : read.head)
        missing = undefined
        from = cursor
        continue
      }
      epochs.add(read.epochs)
      note(read.epochs.at(-1))
      cursor = after(read)
      from = cursor
      if (isAll) {
        freshAt = began
        tidy()
        parts.finished?.()
        for (const tell of listeners) tell(cursor)
        return
      }
    }
  }

  function since(from: Stamp): Promise<LogRead> {
    return inTime(log.since(from, PAGE), READ_SECONDS, unanswered)
  }

  /** The latest epoch, while nobody can have pruned it: that happens a day after its end. */
  function expected(): Epoch | undefined {
    return latest && latest.until > clock() ? latest : undefined
  }

  function note(epoch: Epoch | undefined): void {
    if (epoch && epoch.stamp > (latest?.stamp ?? 0)) latest = epoch
  }

  /** Where the log ended when the backup was made: below what is missing, nothing is. */
  async function lastBelow(stamp: Stamp): Promise<Stamp> {
    for (let last = 0; ; ) {
      const page = (await since(last)).epochs
      const below = page.filter((epoch) => epoch.stamp < stamp)
      last = below.at(-1)?.stamp ?? last
      if (below.length < PAGE) return last
    }
  }

  /** A full page ends in the middle of things: only what it contains is known, not what the head says. */
  function after(read: LogRead): Stamp {
    const last = read.epochs.at(-1)
    return last && read.epochs.length >= PAGE ? last.stamp : read.head
  }

  /** The store lost what was committed: it is told again what it does not know, before anything else is believed. */
  async function remind(head: Stamp): Promise<void> {
    let page: NewEpoch[] = []
    for (const epoch of epochs.above(head)) {
      page.push(withoutStamp(epoch))
      if (page.length < PAGE) continue
      await log.append(page, 'revoked')
      page = []
    }
    if (page.length > 0) await log.append(page, 'revoked')
    // From the beginning: what others wrote since the backup came back may lie anywhere.
    cursor = 0
    written = 0
    latest = undefined
    parts.rewound?.()
  }

  function tidy(): void {
    if (monotonic() - prunedAt < PRUNE_SECONDS) return
    prunedAt = monotonic()
    epochs.prune(clock())
  }

  async function append(
    what: readonly NewEpoch[],
    because: string,
    spare?: string,
  ): Promise<{ readonly stamp: Stamp; readonly at: number }> {
    const done = await log.append(what, because, spare)
    // The cursor stays: others may have written below this stamp what is not known here yet.
    epochs.add(what.map((epoch) => ({ ...epoch, stamp: done.stamp })))
    written = Math.max(written, done.stamp)
    const last = what.at(-1)
    note(last && { ...last, stamp: done.stamp })
    for (const tell of listeners) tell(done.stamp)
    return done
  }
}

const unanswered = (): AuthError =>
  new AuthError('store_failed', {
    hint: `the log of revocations did not answer for ${READ_SECONDS} seconds`,
    retryAfter: 1,
  })

/** Whether this is that epoch, or one that was raised over it since. Everybody is one epoch, whatever its writer called it. */
const isIn = (epoch: Epoch, that: Epoch): boolean =>
  epoch.stamp >= that.stamp &&
  epoch.scope === that.scope &&
  epoch.row === that.row &&
  (epoch.scope === 'everybody' || epoch.key === that.key)

const withoutStamp = ({ scope, row, key, until }: NewEpoch): NewEpoch => ({ scope, row, key, until })
