/** The refresh: one for all callers of a tab, and where a session is shared one for all tabs. */
import type { CookieAnswer, TokenAnswer } from '../endpoints/wire.js'
import type { Alone } from './alone.js'
import type { Ask } from './ask.js'
import { type Browser, secondsOf } from './browser.js'
import type { Keeper, Mark } from './keeper.js'
import { isRefused } from './refused.js'

export type SignInAnswer = TokenAnswer & CookieAnswer

export interface RenewParts {
  readonly browser: Browser
  readonly keeper: Keeper
  readonly alone: Alone
  readonly ask: Ask
  /** Learns that the tokens were refreshed, or that the session is over. */
  readonly happened: (type: 'refreshed' | 'signed-out') => void
}

export interface Renewing {
  /** Has other tokens than at a mark, by whosever refresh. Rejects with why there are none; only a 401 ends the session. */
  renew(mark: Mark): Promise<void>
  /** Whether the server asked to be left alone for a while. */
  isResting(): boolean
  /** Asks an endpoint that may be asked twice, because an answer gets lost sometimes. */
  askTwice: (path: string) => Promise<unknown>
}

export function createRenewing({ browser, keeper, alone, ask, happened }: RenewParts): Renewing {
  let flight: Promise<void> | undefined
  let restUntil = 0
  return { renew, isResting: () => secondsOf(browser) < restUntil, askTwice }

  async function renew(mark: Mark): Promise<void> {
    // The flight that is joined may have begun for an older token, and found that one replaced.
    for (let round = 0; round < 2 && !keeper.moved(mark); round++) {
      flight ??= alone(() => turn(mark)).finally(() => {
        flight = undefined
      })
      await flight
    }
  }

  async function turn(mark: Mark): Promise<void> {
    // Whoever was alone before us may have done it.
    if (keeper.moved(mark)) return
    await keeper.proof()
    if (!keeper.maybe()) throw new Error('Nobody is signed in.')
    const { told } = keeper.mark()
    try {
      const answer = await askTwice('/refresh')
      if (keeper.mark().told !== told) return
      keeper.keep(answer as SignInAnswer)
      happened('refreshed')
    } catch (error) {
      if (!isRefused(error)) throw error
      if (error.status !== 401) restUntil = secondsOf(browser) + Math.min(error.retryAfter ?? 1, 60)
      // Somebody who signed in meanwhile is not meant.
      else if (keeper.mark().told === told) happened('signed-out')
      throw error
    }
  }

  /** A refresh whose answer got lost is repeated within the seconds in which the server answers it again. */
  async function askTwice(path: string): Promise<unknown> {
    const { body, headers } = await keeper.proof()
    try {
      return await ask(path, { body, headers })
    } catch (error) {
      const isMended =
        isRefused(error) && error.code === 'csrf_failed' && (await keeper.another(headers['x-csrf-token'] ?? null))
      if (isRefused(error) && !isMended) throw error
      return ask(path, { body, headers: (await keeper.proof()).headers, seconds: 15 })
    }
  }
}
