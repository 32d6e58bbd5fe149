/** Ids of 16 bytes with the minute of their end, 20 bytes each: many small tables, so that neither growing nor forgetting is ever one long step. */
import type { Mark } from './marks.js'
import { createSieve } from './sieve.js'
import { CELLS, compact, emptyTable, ends, insert, lengthen, position, stands, type Table } from './table.js'
import { readId, someBits, writeId } from './words.js'

export interface PackedIds {
  readonly size: number
  /** Takes an id. `undefined`: it is none of 16 bytes; else whether it is new. The latest end wins. */
  add(id: string, until: number): boolean | undefined
  has(id: string): boolean
  all(): Iterable<Mark>
  sweep(dead: () => number): Generator<number, void>
}

/** With a million ids a table has about a thousand entries: 18 kB to move for an insertion. */
const TABLES_LOG2 = 10
/** Odd, so that multiplying loses nothing; its inverse takes the hash back. */
const SPREAD = 0x9e37_79b1
const GATHER = 0x0e8b_2f51

const NONE = emptyTable()

export function createPackedIds(): PackedIds {
  const tables: (Table | undefined)[] = new Array(1 << TABLES_LOG2).fill(undefined)
  const words = new Uint32Array(4)
  const wanted = new Uint16Array(8)
  const sieve = createSieve(1 << TABLES_LOG2, eachOf)
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

  function has(id: string): boolean {
    // Nearly always this is the answer, and reading the whole id takes longer than all the rest.
    if (id.length !== 22 || !sieve.may(someBits(id)) || !readId(id, words)) return false
    spread(words, wanted)
    const table = tables[(wanted[0] as number) >>> (16 - TABLES_LOG2)]
    return table !== undefined && stands(table, wanted)
  }

  function add(id: string, until: number): boolean | undefined {
    if (!readId(id, words)) return undefined
    spread(words, wanted)
    const index = (wanted[0] as number) >>> (16 - TABLES_LOG2)
    const table = tables[index] ?? emptyTable()
    tables[index] = table
    // Rounded up: kept a moment longer than asked, never less.
    const minute = Math.ceil(until / 60)
    if (stands(table, wanted)) {
      lengthen(table, position(table, wanted), minute)
      return false
    }
    insert(table, wanted, minute)
    size++
    sieve.add(someBits(id), size)
    return true
  }

  function* all(): Iterable<Mark> {
    for (const [index, table] of tables.entries()) {
      if (!table) continue
      for (let start = 0; start < table.count * CELLS; start += CELLS) {
        gather(index, table.cells, start, words)
        yield { key: writeId(words, 0), until: ends(table.cells, start) * 60 }
      }
    }
  }

  function* sweep(dead: () => number): Generator<number, void> {
    for (const [index, table] of tables.entries()) {
      if (!table) continue
      const looked = table.count
      compact(table, dead() / 60)
      size -= looked - table.count
      if (table.count === 0) tables[index] = undefined
      sieve.renew(size)
      yield looked
    }
  }

  /** Of the entries of a table what `someBits` says of their ids. */
  function eachOf(index: number, take: (bits: number) => void): void {
    const { cells, count } = tables[index] ?? NONE
    for (let start = 0; start < count * CELLS; start += CELLS) {
      take(((cells[start + 6] as number) << 14) | ((cells[start + 7] as number) >>> 2))
    }
  }
}

/** Any of the words may be what its maker counts up: a hash of all of them takes the place of the first, and is as good as that. */
function spread(words: Uint32Array, id: Uint16Array): void {
  const [first, second, third, fourth] = words as unknown as readonly [number, number, number, number]
  const hash = Math.imul(first ^ second ^ third ^ fourth, SPREAD)
  id[0] = hash >>> 16
  id[1] = hash
  id[2] = second >>> 16
  id[3] = second
  id[4] = third >>> 16
  id[5] = third
  id[6] = fourth >>> 16
  id[7] = fourth
}

/** Backwards. Of the hash an entry has what the number of its table does not tell. */
function gather(index: number, cells: Uint16Array, start: number, words: Uint32Array): void {
  const cell = (at: number): number => cells[start + at] as number
  const hash = (index << (32 - TABLES_LOG2)) | ((cell(0) & 63) << 16) | cell(1)
  for (let word = 1; word < 4; word++) words[word] = (cell(word * 2) << 16) | cell(word * 2 + 1)
  words[0] = Math.imul(hash, GATHER) ^ (words[1] as number) ^ (words[2] as number) ^ (words[3] as number)
}
