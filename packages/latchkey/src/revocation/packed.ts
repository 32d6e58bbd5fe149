/** Ids of 16 bytes with the minute of their end, 20 bytes each: many small sorted tables, so that neither growing nor forgetting is ever one long step. */
import type { Mark } from './marks.js'
import { readId, type Words, writeId } from './words.js'

export interface PackedIds {
  readonly size: number
  /** Takes an id. `undefined`: it is none of 16 bytes; else whether it is new. The latest end wins. */
  add(id: string, until: number): boolean | undefined
  /** `undefined`: it is none of 16 bytes. */
  has(id: string): boolean | undefined
  all(): Iterable<Mark>
  sweep(dead: () => number): Generator<number, void>
}

/** Four words of the id and the minute, side by side. */
const ENTRY = 5
/** With a million ids a table has about a thousand entries: ten steps of a search, 20 kB to move for an insertion. */
const TABLES_LOG2 = 10
const LATEST = 0xffff_ffff

interface Table {
  rows: Words
  count: number
}

export function createPackedIds(): PackedIds {
  const tables: (Table | undefined)[] = new Array(1 << TABLES_LOG2).fill(undefined)
  const wanted = new Uint32Array(4)
  let size = 0
  return {
    get size() {
      return size
    },
    add,
    has,
    all,
    sweep,
  }

  function has(id: string): boolean | undefined {
    if (!readId(id, wanted)) return undefined
    const table = tables[tableOf(wanted)]
    return table !== undefined && stands(table, position(table, wanted), wanted)
  }

  function add(id: string, until: number): boolean | undefined {
    if (!readId(id, wanted)) return undefined
    const index = tableOf(wanted)
    const table = tables[index] ?? { rows: new Uint32Array(0), count: 0 }
    tables[index] = table
    // Rounded up: kept a moment longer than asked, never less.
    const minute = Math.min(Math.ceil(until / 60), LATEST)
    const at = position(table, wanted)
    if (stands(table, at, wanted)) {
      const known = at * ENTRY + 4
      table.rows[known] = Math.max(table.rows[known] as number, minute)
      return false
    }
    insert(table, at, minute)
    return true
  }

  function insert(table: Table, at: number, minute: number): void {
    if (table.count * ENTRY === table.rows.length) resize(table, table.count + 1)
    const start = at * ENTRY
    table.rows.copyWithin(start + ENTRY, start, table.count * ENTRY)
    table.rows.set(wanted, start)
    table.rows[start + 4] = minute
    table.count++
    size++
  }

  function* all(): Iterable<Mark> {
    for (const table of tables) {
      if (!table) continue
      for (let start = 0; start < table.count * ENTRY; start += ENTRY) {
        yield { key: writeId(table.rows, start), until: (table.rows[start + 4] as number) * 60 }
      }
    }
  }

  function* sweep(dead: () => number): Generator<number, void> {
    for (const [index, table] of tables.entries()) {
      if (!table) continue
      const looked = table.count
      compact(table, dead())
      size -= looked - table.count
      if (table.count === 0) tables[index] = undefined
      yield looked
    }
  }
}

/** Any of the words may be what its maker counts up; mixed, all of them decide. */
function tableOf(id: Words): number {
  const mixed = (id[0] as number) ^ (id[1] as number) ^ (id[2] as number) ^ (id[3] as number)
  return Math.imul(mixed, 0x9e37_79b1) >>> (32 - TABLES_LOG2)
}

/** Where the id stands, or would. */
function position({ rows, count }: Table, id: Words): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(rows, middle * ENTRY, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}

const stands = ({ rows, count }: Table, at: number, id: Words): boolean =>
  at < count && compare(rows, at * ENTRY, id) === 0

function compare(rows: Words, start: number, id: Words): number {
  for (let word = 0; word < 4; word++) {
    const difference = (rows[start + word] as number) - (id[word] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Moves what stays in runs: most of the time all of it is one run, which is not moved at all. */
function compact(table: Table, dead: number): void {
  const { rows } = table
  const end = table.count * ENTRY
  let kept = 0
  for (let start = 0; start < end; ) {
    let next = start
    while (next < end && (rows[next + 4] as number) * 60 >= dead) next += ENTRY
    if (kept !== start) rows.copyWithin(kept, start, next)
    kept += next - start
    start = next
    while (start < end && (rows[start + 4] as number) * 60 < dead) start += ENTRY
  }
  table.count = kept / ENTRY
  if (kept < rows.length / 2) resize(table, table.count)
}

/** A sixteenth to spare: little to waste, and few copies. */
function resize(table: Table, count: number): void {
  const rows = new Uint32Array((count + (count >> 4)) * ENTRY)
  rows.set(table.rows.subarray(0, table.count * ENTRY))
  table.rows = rows
}
