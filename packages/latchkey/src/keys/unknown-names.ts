/** Names that the ring at hand does not know: whoever has one waits for a read that begins later, few at a time, once a second at most. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from '../util/cache.js'

export interface UnknownNames {
  /**
   * Done when the ring was read after the name was heard of. `undefined` where nobody waits: the name was looked for a while ago, or
   * there is no place. Rejects with what the read threw.
   */
  look(name: string): Promise<void> | undefined
}

export interface UnknownNamesParts {
  /** Reads the ring, beginning after the call. */
  readonly read: () => Promise<unknown>
  readonly isKnown: (name: string) => boolean
  /** Seconds that no clock change touches. */
  readonly monotonic: () => number
  /** Done after so many seconds. */
  readonly pause?: ((seconds: number) => Promise<void>) | undefined
}

/** Whatever strangers send, the ring is read no more often than this because of a name. */
const READ_SECONDS = 1
/** All tokens of a new key share one place, so only whoever invents names needs many. They are answered together: a thousand would be felt. */
const NAMES = 100
/** Of all names together. */
const CALLERS = 1_000
/**
 * A name is the digest of a key, and nobody can have it before the ring does: one that a later read did not find is invented, or of a
 * key that is gone. Whoever goes on sending such tokens shall neither wait again nor take the places of others.
 */
const ABSENT_SECONDS = 60

export function createUnknownNames({ read, isKnown, monotonic, pause = pausing }: UnknownNamesParts): UnknownNames {
  const absent = createCache<string, number>(10 * NAMES)
  const waiting = new Map<string, Promise<void>>()
  let callers = 0
  let beganAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let current: Promise<unknown> | undefined
  let next: Promise<void> | undefined
  return { look }

  function look(name: string): Promise<void> | undefined {
    const since = absent.get(name)
    if (since !== undefined && monotonic() - since < ABSENT_SECONDS) return undefined
    // A store that is away is not worth a wait, and a name that it cannot look up is no wrong name.
    if (failure !== undefined && monotonic() - beganAt < READ_SECONDS) return Promise.reject(failure)
    if (callers >= CALLERS) return undefined
    const found = waiting.get(name) ?? begin(name)
    if (!found) return undefined
    callers++
    return found.finally(() => {
      callers--
    })
  }

  function begin(name: string): Promise<void> | undefined {
    if (waiting.size >= NAMES) return undefined
    const found = search(name).finally(() => waiting.delete(name))
    waiting.set(name, found)
    return found
  }

  async function search(name: string): Promise<void> {
    // It may have looked before the key was made, so only what it found counts.
    await current
    if (isKnown(name)) return
    next ??= nextRead()
    await next
    if (!isKnown(name)) absent.set(name, monotonic())
  }

  async function nextRead(): Promise<void> {
    await current?.catch(() => {})
    const seconds = beganAt + READ_SECONDS - monotonic()
    if (seconds > 0) await pause(seconds)
    next = undefined
    beganAt = monotonic()
    failure = undefined
    try {
      current = read()
      await current
    } catch (error) {
      failure = error
      throw error
    } finally {
      current = undefined
    }
  }
}

/** Keeps the process alive, for a second at most: somebody waits, and a script that ended here would end without a word. */
const pausing = (seconds: number): Promise<void> => sleep(seconds * 1000)
