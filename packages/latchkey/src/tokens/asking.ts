/** Tokens that their issuer is asked about, one question for each, remembered for some seconds: where a service has no key to verify them with. */
import { isDeepStrictEqual } from 'node:util'
import { AuthError, type ErrorCode } from '../errors.js'
import { type Jws, parseJws, unprovenClaims } from '../jwt/jws.js'
import type { FetchJson } from '../keys/fetch.js'
import { createCache } from '../util/cache.js'
import { once } from '../util/once.js'
import { createQueue } from '../util/queue.js'
import type { Clock } from '../util/time.js'
import { TOKEN_REFUSALS } from './refused.js'

export interface Asking {
  /** Passes for a token that the issuer calls good. Throws its refusal, `issuer_unreachable`, `overloaded`. A promise only where it has to be asked. */
  prove(jws: Jws): void | Promise<void>
  /** Asks once more, whatever is remembered. Throws as `prove`. */
  again(token: string): Promise<void>
  close(): void
}

export interface AskingParts {
  /** The verify endpoint of the issuer. */
  readonly url: string
  readonly fetchJson: FetchJson
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** How long an answer counts, from when the question was asked. 0: every request asks. */
  readonly rememberSeconds: number
}

/** The issuer's refusals that a bearer may be told; any other is that of a token which is none. */
const REFUSALS: readonly ErrorCode[] = [...TOKEN_REFUSALS, 'user_inactive']
const MOST_REMEMBERED = 10_000
const MOST_OPEN = 64
const MOST_WAITING = 10_000
/** An issuer that does not answer is left alone this long: its callers are answered without it. */
const PAUSE_SECONDS = 0.25

interface Answer {
  /** `undefined`: good. */
  readonly refused: ErrorCode | undefined
  readonly wall: number
  readonly monotonic: number
}

export function createAsking(parts: AskingParts): Asking {
  const { url, fetchJson, clock, rememberSeconds, monotonic = () => performance.now() / 1000 } = parts
  // Apart: a flood of made-up tokens must not push out the good ones.
  const good = createCache<string, Answer>(MOST_REMEMBERED)
  const bad = createCache<string, Answer>(MOST_REMEMBERED)
  const single = once<string, Answer>()
  const queue = createQueue({ workers: MOST_OPEN, waiting: MOST_WAITING, secondsPerTask: 0 })
  const ending = new AbortController()
  let failed: { readonly at: number; readonly cause: unknown } | undefined
  return { prove, again, close: () => ending.abort() }

  function prove(jws: Jws): void | Promise<void> {
    const known = good.get(jws.token) ?? bad.get(jws.token)
    if (known && isRecent(known)) return judge(known)
    return single(jws.token, () => queue(() => ask(jws))).then(judge)
  }

  async function again(token: string): Promise<void> {
    const jws = parseJws(token)
    judge(await queue(() => ask(jws)))
  }

  /** By the larger of both clocks: a process that was stopped remembers nothing. */
  function isRecent(answer: Answer): boolean {
    return Math.max(clock() - answer.wall, monotonic() - answer.monotonic) < rememberSeconds
  }

  function judge({ refused }: Answer): void {
    if (refused) throw new AuthError(refused, { hint: 'the issuer says so' })
  }

  async function ask(jws: Jws): Promise<Answer> {
    if (failed && monotonic() - failed.at < PAUSE_SECONDS) throw unreachable(failed.cause)
    const asked = { wall: clock(), monotonic: monotonic() }
    try {
      const answer = { refused: await verdict(jws), ...asked }
      failed = undefined
      good.delete(jws.token)
      bad.delete(jws.token)
      if (rememberSeconds > 0) (answer.refused ? bad : good).set(jws.token, answer)
      return answer
    } catch (cause) {
      // What is odd about one token is no reason to keep all others waiting.
      if (isOutage(cause)) failed = { at: monotonic(), cause }
      throw unreachable(cause)
    }
  }

  async function verdict(jws: Jws): Promise<ErrorCode | undefined> {
    try {
      const { value } = await fetchJson(url, ending.signal, { body: { token: jws.token } })
      const { active, claims } = Object(value) as { readonly active?: unknown; readonly claims?: unknown }
      if (active !== true || !isDeepStrictEqual(claims, { ...unprovenClaims(jws) }))
        throw Object.assign(new Error('the answer is not about the token that was asked about'), { status: 200 })
      return undefined
    } catch (error) {
      const code = refusalIn(error)
      if (code) return code
      throw error
    }
  }
}

/** A 401 is an answer, and a 422 too: that of a token which is too long to be one. */
function refusalIn(error: unknown): ErrorCode | undefined {
  const { status, value } = error as { readonly status?: unknown; readonly value?: unknown }
  if (status !== 401 && status !== 422) return undefined
  const { code } = Object(value) as { readonly code?: unknown }
  return REFUSALS.find((one) => one === code) ?? 'token_invalid'
}

function isOutage(error: unknown): boolean {
  const { status } = error as { readonly status?: number }
  return status === undefined || status >= 500 || status === 429
}

function unreachable(cause: unknown): AuthError {
  const why = cause instanceof Error ? cause.message : 'unknown'
  const hint = `the issuer cannot be asked about a token: ${why}`
  return new AuthError('issuer_unreachable', { reason: 'issuer_unavailable', hint, retryAfter: 1, cause })
}
