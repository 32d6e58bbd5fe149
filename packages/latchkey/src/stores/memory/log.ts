/** The counter and the epochs in memory; a Map keeps them in stamp order, because a raised epoch moves to the end. */
import type { Clock } from '../../util/time.js'
import { type Epoch, type NewEpoch, OWN_ROW, type Scope, type Session, type Stamp } from '../port.js'
import { epochKey, stampFloor } from '../stamps.js'

export interface Log {
  head(): Stamp
  /** Gives each epoch a stamp of its own and answers the last; without epochs the counter stays. */
  raise(what: readonly NewEpoch[]): Stamp
  /** True if an epoch of the session, its user or everybody is above the session's stamp. */
  kills(session: Session): boolean
  above(after: Stamp, limit: number): readonly Epoch[]
  prune(before: number, limit: number): number
}

// JSON keeps apart what joining could not: a key may hold any character.
const idOf = (scope: Scope, row: string, key: string): string => JSON.stringify([scope, row, key])

export function createLog(clock: Clock): Log {
  const epochs = new Map<string, Epoch>()
  let counter: Stamp = 0
  return { head: () => counter, raise, kills, above, prune }

  function raise(what: readonly NewEpoch[]): Stamp {
    if (what.length === 0) return counter
    const last = Math.max(counter + what.length, stampFloor(clock()))
    for (const [index, epoch] of what.entries()) put(epoch, last - what.length + 1 + index)
    counter = last
    return counter
  }

  function put({ scope, row, key: given, until }: NewEpoch, stamp: Stamp): void {
    const key = epochKey(scope, given)
    const id = idOf(scope, row, key)
    const longest = Math.max(until, epochs.get(id)?.until ?? until)
    epochs.delete(id)
    epochs.set(id, { scope, row, key, stamp, until: longest })
  }

  function kills({ id, userId, stamp }: Session): boolean {
    const ids = [idOf('session', OWN_ROW, id), idOf('user', OWN_ROW, userId), idOf('everybody', OWN_ROW, '')]
    return ids.some((epoch) => (epochs.get(epoch)?.stamp ?? 0) > stamp)
  }

  function above(after: Stamp, limit: number): readonly Epoch[] {
    if (after >= counter) return []
    return [...epochs.values()].filter((epoch) => epoch.stamp > after).slice(0, limit)
  }

  function prune(before: number, limit: number): number {
    const over = [...epochs].filter(([, epoch]) => epoch.until < before).slice(0, limit)
    for (const [id] of over) epochs.delete(id)
    return over.length
  }
}
