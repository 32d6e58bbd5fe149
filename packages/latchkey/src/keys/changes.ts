/** What a ring goes through: a planned rotation, the end of a key, and what every look at it sees to. */
import { FOREVER } from '../util/time.js'
import { activeKey, drop, type RingTimes, turn, without } from './ring.js'
import type { Change } from './sealed-ring.js'

export interface Changes {
  readonly rotation: Change
  /** A database that went back in time has keys again that ended. */
  readonly look: Change
  /** Of the key that signs, if none is named. Each is for one use: of several who end the same key only one does, the others would end its successor. */
  ending(kid?: string): Change
}

export interface ChangesParts {
  /** The id of the issuer row that the keys belong to. */
  readonly row: string
  readonly times: RingTimes
  readonly isRevoked: (kid: string) => boolean
}

export function createChanges({ row, times, isRevoked }: ChangesParts): Changes {
  return {
    rotation: (ring, now) => ({ ring: turn(ring, now, times) }),
    look: (ring, now) => ({ ring: without(ring, isRevoked, now, times) }),
    ending,
  }

  function ending(named?: string): Change {
    let ended = named
    return (ring, now) => {
      ended ??= activeKey(ring, now)?.key.kid
      const key = ended
      const one = ring.find((each) => each.key.kid === key)
      if (!one || key === undefined) return { ring }
      // A process that cannot read this ring goes on with the one it has, and a thief dates his tokens as he likes.
      return { ring: drop(ring, one, now, times), revoke: [{ scope: 'key', row, key, until: FOREVER }] }
    }
  }
}
