/** The sealed keyring and the known server secrets in memory. */
import type { Clock } from '../../util/time.js'
import type { KeyStore } from '../port.js'
import type { Log } from './log.js'

/** The version of the keyring travels with the log, so the log may ask for it. */
export interface Keys extends KeyStore {
  version(): number
}

export function createKeys({ clock, raise }: { clock: Clock; raise: Log['raise'] }): Keys {
  const announced = new Map<string, number>()
  let ring: { readonly version: number; readonly sealed: string } | undefined
  const version = (): number => ring?.version ?? 0

  return {
    version,
    load: async () => ring,
    async save(replaced, sealed, revoke) {
      if (replaced !== version()) return false
      ring = { version: replaced + 1, sealed }
      raise(revoke)
      return true
    },
    async announce(secretIds) {
      for (const id of secretIds) {
        if (!announced.has(id)) announced.set(id, announced.size === 0 ? 0 : clock())
      }
      return new Map(secretIds.map((id) => [id, announced.get(id) ?? 0]))
    },
  }
}
