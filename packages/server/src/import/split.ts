/** The objects of a JSON file of any size, one after the other: of an array, or one in each line. */
import { createReadStream } from 'node:fs'

/** An object as text; without any where it is too large to be held, or no UTF-8. */
export interface Piece {
  readonly line: number
  readonly text: string | undefined
  /** Bytes read of the file so far. */
  readonly read: number
}

/** The file is no list of objects, or ends in the middle. */
export interface BrokenFile extends Error {
  readonly name: 'BrokenFile'
  readonly line: number
}

/** An object of Django is a few hundred bytes; with more than this it is not looked at. */
const most = 1_048_576
const [QUOTE, BACKSLASH, COMMA, FEED] = [0x22, 0x5c, 0x2c, 0x0a] as const
const [OPEN, CLOSE, START, END] = [0x7b, 0x7d, 0x5b, 0x5d] as const

/** Reads the file in small pieces. Throws `BrokenFile`, after all that stands before the fault. */
export async function* split(path: string): AsyncGenerator<Piece> {
  const scan = createScan()
  let read = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    read += chunk.length
    for (const piece of scan.take(chunk)) yield { ...piece, read }
  }
  scan.end()
}

interface Scan {
  take(chunk: Buffer): Iterable<Omit<Piece, 'read'>>
  end(): void
}

function createScan(): Scan {
  let line = 1
  let first = true
  /** Whether there is an array around the objects, and whether it has ended. */
  let array: 'none' | 'open' | 'ended' = 'none'
  let depth = 0
  let inText = false
  let escaped = false
  let began = 1
  let size = 0
  let held: Buffer[] = []
  return { take, end }

  function* take(chunk: Buffer): Iterable<Omit<Piece, 'read'>> {
    let from = 0
    const skip = createSkip(chunk)
    for (let at = first ? afterMark(chunk) : 0; at < chunk.length; at += 1) {
      // Most bytes are those of a text, where only two mean something.
      if (inText && !escaped) at = skip(at)
      const byte = chunk[at] as number
      if (byte === FEED) line += 1
      if (depth === 0) {
        if (!between(byte)) continue
        from = at
        began = line
        continue
      }
      if (inside(byte) || depth > 0) continue
      keep(chunk.subarray(from, at + 1))
      yield { line: began, text: taken() }
    }
    first = false
    if (depth > 0) keep(chunk.subarray(from))
  }

  /** Where no object is open; true for the byte that opens one. */
  function between(byte: number): boolean {
    if (byte === OPEN && array !== 'ended') {
      depth = 1
      return true
    }
    if (byte === START && array === 'none') array = 'open'
    else if (byte === END && array === 'open') array = 'ended'
    else if (byte > 32 && !(byte === COMMA && array === 'open')) throw broken(line, 'This is no list of JSON objects.')
    return false
  }

  /** True inside of a text, whose braces mean nothing. */
  function inside(byte: number): boolean {
    if (inText) {
      if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) inText = false
      return true
    }
    if (byte === QUOTE) inText = true
    else if (byte === OPEN || byte === START) depth += 1
    else if (byte === CLOSE || byte === END) depth -= 1
    return false
  }

  function keep(part: Buffer): void {
    size += part.length
    // Copied, because the rest of the chunk is of no use; nothing is held of what is too large.
    held = size > most ? [] : [...held, Buffer.from(part)]
  }

  function taken(): string | undefined {
    const [bytes, fits] = [Buffer.concat(held), size <= most]
    held = []
    size = 0
    return fits ? decoded(bytes) : undefined
  }

  function end(): void {
    if (depth > 0 || array === 'open') throw broken(depth > 0 ? began : line, 'The file ends in the middle.')
  }
}

/** Goes on to the next quote or backslash, or to the last byte where there is none; never back, so that nothing is looked at twice. */
function createSkip(chunk: Buffer): (at: number) => number {
  const next = new Map([QUOTE, BACKSLASH].map((byte) => [byte, -1]))
  return (from) => {
    for (const [byte, at] of next) if (at < from) next.set(byte, found(byte, from))
    return Math.min(chunk.length - 1, ...next.values())
  }

  function found(byte: number, from: number): number {
    const at = chunk.indexOf(byte, from)
    return at < 0 ? chunk.length : at
  }
}

/** Behind the byte order mark that some editors leave. */
const afterMark = (chunk: Buffer): number => (chunk.subarray(0, 3).toString('latin1') === '\u00ef\u00bb\u00bf' ? 3 : 0)

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const broken = (line: number, message: string): BrokenFile =>
  Object.assign(new Error(message), { name: 'BrokenFile' as const, line })
