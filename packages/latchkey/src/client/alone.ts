/** One at a time over all tabs: Web Locks, or a lease in `localStorage` where there are none. */
import { type Browser, inStorage } from './browser.js'

/** Runs work while nobody else runs work of the same name, in whatever tab. */
export type Alone = <T>(work: () => Promise<T>) => Promise<T>

/** Longer than anything that is done under it may take. */
const LEASE_MILLISECONDS = 30_000

export function createAlone(browser: Browser, name: string): Alone {
  const key = `${name}:lock`
  return async (work) => {
    let begun = false
    try {
      const locks = browser.navigator?.locks
      if (locks) {
        return await locks.request(name, () => {
          begun = true
          return work()
        })
      }
    } catch (error) {
      // A page without an origin has locks that it may not take.
      if (begun) throw error
    }
    const own = await lease()
    try {
      return await work()
    } finally {
      if (held()[0] === own) inStorage(browser, (keys) => keys.removeItem(key))
    }
  }

  /** Writes a name and looks whether it still stands there a moment later: of several who write at once, the last one holds the lease. */
  async function lease(): Promise<string> {
    const own = String(browser.Math.random())
    const giveUpAt = browser.Date.now() + LEASE_MILLISECONDS
    while (browser.Date.now() < giveUpAt) {
      const now = browser.Date.now()
      const until = Number(held()[1])
      // An end too far away is from before the clock was set back.
      const isHeld = until > now && until <= now + LEASE_MILLISECONDS
      if (!isHeld) inStorage(browser, (keys) => keys.setItem(key, `${own} ${now + LEASE_MILLISECONDS}`))
      // Where nothing can be kept there is nothing to wait for: the server forgives a refresh that comes twice.
      if (!isHeld && held()[0] !== own) break
      await new Promise<void>((resolve) => browser.setTimeout(resolve, 50 + 50 * browser.Math.random()))
      if (held()[0] === own) break
    }
    return own
  }

  /** Who holds the lease, and until when. */
  function held(): readonly string[] {
    return inStorage(browser, (keys) => keys.getItem(key))?.split(' ') ?? []
  }
}
