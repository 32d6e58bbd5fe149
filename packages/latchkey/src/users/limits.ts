/** Counting attempts: a key has so many points in so many seconds; in memory, by the given clock, bounded. */
import type { Charge, LimitStore } from '../stores/port.js'

interface Window {
  used: number
  readonly endsAt: number
}

/**
 * Limits of this process. The window of a key opens with its first attempt and is never prolonged, so that a lock is a delay.
 * Beyond `entries` keys the oldest are forgotten.
 */
export function memoryLimits(entries = 100_000): LimitStore {
  const windows = new Map<string, Window>()
  return { consume, reward }

  // No `await` between looking and taking: that is what makes it atomic.
  async function consume(charges: readonly Charge[], now: number): Promise<number> {
    const waits = charges.map(({ key, points }) => {
      const open = current(key, now)
      return open && open.used >= points ? open.endsAt - now : 0
    })
    const wait = Math.max(0, ...waits)
    if (wait > 0) return wait
    for (const charge of charges) take(charge, now)
    return 0
  }

  async function reward(charges: readonly Charge[], now: number): Promise<void> {
    for (const { key } of charges) {
      const open = current(key, now)
      if (!open) continue
      open.used -= 1
      if (open.used <= 0) windows.delete(key)
    }
  }

  function take({ key, seconds }: Charge, now: number): void {
    const open = current(key, now)
    if (open) {
      open.used += 1
      return
    }
    windows.delete(key)
    if (windows.size >= entries) makeRoom(now)
    windows.set(key, { used: 1, endsAt: now + seconds })
  }

  function current(key: string, now: number): Window | undefined {
    const open = windows.get(key)
    return open && open.endsAt > now ? open : undefined
  }

  // A Map keeps the order of insertion. A tenth at once, so that a flood of new keys does not sweep for each of them.
  function makeRoom(now: number): void {
    for (const [key, { endsAt }] of windows) if (endsAt <= now) windows.delete(key)
    for (const key of windows.keys()) {
      if (windows.size <= entries * 0.9) return
      windows.delete(key)
    }
  }
}

/** Those that all processes share. Where they are lost the limit of this process stays, never none. */
export function sharedLimits(limits: LimitStore | undefined): LimitStore {
  const own = memoryLimits()
  if (!limits) return own
  return {
    consume: (charges, now) => limits.consume(charges, now).catch(() => own.consume(charges, now)),
    reward: (charges, now) => limits.reward(charges, now).catch(() => own.reward(charges, now)),
  }
}
