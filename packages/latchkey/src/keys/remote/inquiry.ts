/** When an issuer is asked: one request at a time for everybody who waits, few of them whatever strangers send, and the newest one wins. */
import { AuthError } from '../../errors.js'
import { inTime } from '../../util/deadline.js'
import type { Clock } from '../../util/time.js'
import type { Moment } from './held-set.js'

export interface Inquiry {
  /** Why the last request brought nothing; `undefined` if it brought something. */
  readonly failure: AuthError | undefined
  /** True while an answer is awaited. */
  readonly isAsking: boolean
  /** How many requests were answered. */
  readonly answers: number
  /** Seconds until another request may begin by itself. */
  coolDown(): number
  /** Waits for the request under way, or for a new one if the cool-down allows it. Never rejects: `failure` tells. */
  soon(): Promise<void>
  /** Begins a new request. Never rejects. */
  now(): Promise<void>
  /** No answer to an earlier request counts any more, and the next one may begin at once. */
  forget(): void
  /** Ends what is under way, and begins nothing more by itself. */
  close(): Promise<void>
}

export interface InquiryParts<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>
  readonly take: (answer: T, asked: Moment) => void
  readonly failed: (error: AuthError) => void
  /** What an operator calls the issuer. */
  readonly name: string
  /** For everything that one request takes. */
  readonly seconds: number
  readonly clock: Clock
  readonly monotonic: () => number
}

/** Whatever strangers send, an issuer is asked no more often than this by itself. */
const COOL_DOWN = 30

export function createInquiry<T>(parts: InquiryParts<T>): Inquiry {
  const { take, failed, name, clock, monotonic } = parts
  const underWay = new Set<AbortController>()
  let isClosed = false
  let asked = 0
  let answered = 0
  let askedAt = Number.NEGATIVE_INFINITY
  let failure: AuthError | undefined
  let flight: Promise<void> | undefined
  return {
    get failure() {
      return failure
    },
    get isAsking() {
      return flight !== undefined
    },
    get answers() {
      return answered
    },
    coolDown,
    soon: () => flight ?? (coolDown() > 0 ? Promise.resolve() : now()),
    now,
    forget,
    close,
  }

  function coolDown(): number {
    return isClosed ? COOL_DOWN : Math.max(0, askedAt + COOL_DOWN - monotonic())
  }

  function now(): Promise<void> {
    const mine = request().finally(() => {
      if (flight === mine) flight = undefined
    })
    flight = mine
    return mine
  }

  async function request(): Promise<void> {
    const turn = ++asked
    const moment = { wall: clock(), monotonic: monotonic() }
    askedAt = moment.monotonic
    try {
      const answer = await inGoodTime()
      // The newest request wins, not the last answer.
      if (turn <= answered) return
      answered = turn
      failure = undefined
      take(answer, moment)
    } catch (cause) {
      if (turn <= answered) return
      failure = failureOf(name, 'its keys cannot be fetched', cause)
      failed(failure)
    }
  }

  async function inGoodTime(): Promise<T> {
    const ending = new AbortController()
    underWay.add(ending)
    try {
      const late = () => new Error(`no complete answer within ${parts.seconds} seconds`)
      return await inTime(parts.ask(ending.signal), parts.seconds, late)
    } finally {
      underWay.delete(ending)
      ending.abort()
    }
  }

  function forget(): void {
    answered = asked
    askedAt = Number.NEGATIVE_INFINITY
    failure = undefined
    flight = undefined
  }

  async function close(): Promise<void> {
    isClosed = true
    for (const ending of underWay) ending.abort()
    await flight
  }
}

/** What operators read; callers read the code only. */
export function failureOf(name: string, what: string, cause: unknown): AuthError {
  const why = cause instanceof AuthError ? cause.hint : cause instanceof Error ? cause.message : undefined
  const hint = `issuer ${name}: ${what}: ${why ?? 'unknown'}`
  return new AuthError('issuer_unreachable', { reason: 'issuer_unavailable', hint, cause })
}

/** Nobody who listens can break what a token waits for. */
export const heard =
  (listen: (error: AuthError) => void) =>
  (error: AuthError): void => {
    try {
      listen(error)
    } catch {}
  }
