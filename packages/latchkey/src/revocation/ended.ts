/** What is over for good: sessions, single tokens and keys never begin again, so no stamp of a token can be above their end. */
import type { Stamp } from '../stores/port.js'
import { createMarks, type Mark, type Marks } from './marks.js'
import { createPackedIds } from './packed.js'

/** Older than every stamp: it is the key alone that decides. */
const WHATEVER: Stamp = -1

/** Our own ids are packed; other spellings, which presets and names of keys have, are kept as they are. */
export function createEnded(): Marks {
  const packed = createPackedIds()
  const others = createMarks()
  return {
    get size() {
      return packed.size + others.size
    },
    raise: (key, stamp, until) => packed.add(key, until) ?? others.raise(key, stamp, until),
    covers,
    above,
    sweep,
  }

  function covers(key: string | undefined): boolean {
    if (key === undefined) return false
    return (packed.size > 0 && packed.has(key)) || others.covers(key, WHATEVER)
  }

  /** The stamps of packed ids are not kept, so all of them may be above: writing one to the log again changes nothing. */
  function* above(stamp: Stamp): Iterable<Mark> {
    yield* packed.all()
    yield* others.above(stamp)
  }

  function* sweep(dead: () => number): Generator<number, void> {
    yield* packed.sweep(dead)
    yield* others.sweep(dead)
  }
}
