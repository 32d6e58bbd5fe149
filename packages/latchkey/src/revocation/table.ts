/** One table of packed ids: sorted entries of nine numbers. */

export interface Table {
  /** The entries, and room for some more. */
  cells: Uint16Array
  count: number
}

/**
 * The cells of an entry: eight of the id and one for its end. Of the first one the table itself says the upper ten bits; they are the
 * upper ten of the minute.
 */
export const CELLS = 9
const OWN_BITS = 6
const OWN = (1 << OWN_BITS) - 1
/** A hundred years from now. */
const LATEST = (1 << 26) - 1

export const emptyTable = (): Table => ({ cells: new Uint16Array(0), count: 0 })

/** The minute of an entry's end. */
export const ends = (cells: Uint16Array, start: number): number =>
  (((cells[start] as number) >>> OWN_BITS) << 16) | (cells[start + 8] as number)

/** Whether the id is there. */
export function stands(table: Table, id: Uint16Array): boolean {
  const at = position(table, id)
  return at < table.count && compare(table.cells, at * CELLS, id) === 0
}

/** The end of an entry that is there; the latest wins. */
export function lengthen({ cells }: Table, at: number, minute: number): void {
  if (minute > ends(cells, at * CELLS)) setEnd(cells, at * CELLS, minute)
}

/** Takes an id that is not there. */
export function insert(table: Table, id: Uint16Array, minute: number): void {
  if (table.count * CELLS === table.cells.length) resize(table, table.count + 1)
  const start = position(table, id) * CELLS
  const { cells } = table
  cells.copyWithin(start + CELLS, start, table.count * CELLS)
  cells.set(id, start)
  setEnd(cells, start, minute)
  table.count++
}

/** Drops what ended before a minute. It moves what stays in runs: most of the time all of it is one run, which is not moved at all. */
export function compact(table: Table, dead: number): void {
  const { cells } = table
  const end = table.count * CELLS
  let kept = 0
  for (let start = 0; start < end; ) {
    let next = start
    while (next < end && ends(cells, next) >= dead) next += CELLS
    if (kept !== start) cells.copyWithin(kept, start, next)
    kept += next - start
    start = next
    while (start < end && ends(cells, start) < dead) start += CELLS
  }
  table.count = kept / CELLS
  if (kept < cells.length / 2) resize(table, table.count)
}

/** Where the id stands, or would: near the place that its hash tells, else further and further away from it. */
export function position({ cells, count }: Table, id: Uint16Array): number {
  const share = (((id[0] as number) & OWN) << 16) | (id[1] as number)
  let low = Math.floor((share * count) / (1 << 22))
  let high = low
  let step = 4
  for (; low > 0 && compare(cells, (low - 1) * CELLS, id) >= 0; step *= 2) {
    high = low - 1
    low = Math.max(0, high - step)
  }
  for (; high < count && compare(cells, high * CELLS, id) < 0; step *= 2) {
    low = high + 1
    high = Math.min(count, low + step)
  }
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(cells, middle * CELLS, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function compare(cells: Uint16Array, start: number, id: Uint16Array): number {
  const first = ((cells[start] as number) & OWN) - ((id[0] as number) & OWN)
  if (first !== 0) return first
  for (let at = 1; at < 8; at++) {
    const difference = (cells[start + at] as number) - (id[at] as number)
    if (difference !== 0) return difference
  }
  return 0
}

function setEnd(cells: Uint16Array, start: number, minute: number): void {
  const end = Math.min(Math.max(minute, 0), LATEST)
  cells[start] = ((end >>> 16) << OWN_BITS) | ((cells[start] as number) & OWN)
  cells[start + 8] = end
}

/** A thirty-second to spare: little to waste, and few copies. */
function resize(table: Table, count: number): void {
  const cells = new Uint16Array((count + (count >> 5)) * CELLS)
  cells.set(table.cells.subarray(0, table.count * CELLS))
  table.cells = cells
}
