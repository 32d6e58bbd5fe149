/** A sieve (Bloom, 1970): by one look at memory it knows nineteen of twenty ids that are not there, and never misses one that is. */

export interface Sieve {
  /** `false`: no such bits were added. */
  may(bits: number): boolean
  /** `size`: how many ids there are now. */
  add(bits: number, size: number): void
  /** Forgets what is not there any more; not at once, and not for a few. */
  renew(size: number): void
}

/** Eight bits an id, which is a byte; words of 32. */
const IDS_OF_WORD_LOG2 = 2
const LEAST_LOG2 = 10
const SPREAD = 0x9e37_79b1
/** How many ids are taken over for one that comes, so that a page of a thousand is no long step, and for a part that was swept. */
const PACE = 16
const SWEPT_PACE = 1_000

interface Layer {
  readonly words: Uint32Array
  readonly shift: number
  readonly capacity: number
  marked: number
}

/**
 * Of ids in so many parts, each id known by thirty bits. A sieve that has become too small, or remembers too much, is made anew step by
 * step while ids come and go; until then the old one counts.
 */
export function createSieve(parts: number, each: (part: number, take: (bits: number) => void) => void): Sieve {
  let layer = layerFor(0)
  let next: Layer | undefined
  let part = 0
  let credit = 0
  return { may: (bits) => has(layer, bits), add, renew }

  function add(bits: number, size: number): void {
    mark(layer, bits)
    // Its part may be taken over already.
    if (next) mark(next, bits)
    else if (size > layer.capacity) begin(size)
    if (next) takeOver(next, PACE)
  }

  function renew(size: number): void {
    if (!next && layer.marked > 2 * size + layer.capacity / 2) begin(size)
    if (next) takeOver(next, SWEPT_PACE)
  }

  function begin(size: number): void {
    next = layerFor(size)
    part = 0
    credit = 0
  }

  function takeOver(made: Layer, pace: number): void {
    credit += pace
    for (; part < parts && credit > 0; part++) {
      const before = made.marked
      each(part, (bits) => mark(made, bits))
      credit -= 1 + made.marked - before
    }
    if (part < parts) return
    layer = made
    next = undefined
  }
}

function layerFor(size: number): Layer {
  const log2 = Math.max(LEAST_LOG2, Math.ceil(Math.log2(size + 1)))
  const words = log2 - IDS_OF_WORD_LOG2
  return { words: new Uint32Array(2 ** words), shift: 32 - words, capacity: 2 ** log2, marked: 0 }
}

function has({ words, shift }: Layer, bits: number): boolean {
  const wanted = pair(bits)
  return ((words[Math.imul(bits, SPREAD) >>> shift] as number) & wanted) === wanted
}

function mark(layer: Layer, bits: number): void {
  const at = Math.imul(bits, SPREAD) >>> layer.shift
  layer.words[at] = (layer.words[at] as number) | pair(bits)
  layer.marked++
}

/** Two bits of a word, told by ten that decide little over which word it is. */
const pair = (bits: number): number => (1 << (bits & 31)) | (1 << ((bits >>> 5) & 31))
