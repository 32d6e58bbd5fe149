/** Strict JSON: no duplicate members, bounded depth and size, no infinite numbers, well-formed UTF-8 without a BOM. */
import { isUtf8 } from 'node:buffer'

export interface JsonLimits {
  /** Levels of nesting; `{}` is one. */
  readonly depth: number
  /** Object members in the whole text. */
  readonly members: number
}

/** What `parseJson` throws. */
export interface JsonError extends Error {
  readonly name: 'JsonError'
  readonly reason: 'json' | 'dup_member' | 'too_large'
}

/** The limits of claims. */
export const claimLimits: JsonLimits = Object.freeze({ depth: 8, members: 256 })

export const isJsonError = (error: unknown): error is JsonError => error instanceof Error && error.name === 'JsonError'

/**
 * The value of a JSON text. A member named `__proto__` stays inert own data.
 * Throws `JsonError`: `json` (not JSON, or a number without a finite value), `dup_member`, `too_large`.
 */
export function parseJson(text: string, limits: JsonLimits = claimLimits): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw failure('json')
  }
  const members = countMembers(value, limits, 1)
  if (members > limits.members) throw failure('too_large')
  // JSON.parse keeps the last of several equal names, so fewer members than names means that one was written twice.
  if (members !== colonsAfterStrings(text) && members !== countNames(text)) throw failure('dup_member')
  return value
}

/** The text of UTF-8 bytes, or `undefined` when they are ill-formed or begin with a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return undefined
  if (!isUtf8(bytes)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** Freezes a JSON value all the way down; for values that passed `parseJson`, whose depth is bounded. */
export function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member)
  return Object.freeze(value)
}

function failure(reason: JsonError['reason']): JsonError {
  return Object.assign(new Error(`the JSON was refused: ${reason}`), { name: 'JsonError' as const, reason })
}

/** Recursion stops at the depth limit, before a deep text could exhaust the stack. */
function countMembers(value: unknown, limits: JsonLimits, depth: number): number {
  if (typeof value === 'number' && !Number.isFinite(value)) throw failure('json')
  if (typeof value !== 'object' || value === null) return 0
  if (depth > limits.depth) throw failure('too_large')
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item, limits, depth + 1)
    return members
  }
  const names = Object.keys(value)
  if (names.length > limits.members) throw failure('too_large')
  for (const name of names) members += countMembers((value as Record<string, unknown>)[name], limits, depth + 1)
  return members + names.length
}

/**
 * The cheap count: colons that follow a quote or white space. It is never below the number of names (only text inside strings
 * can add to it), so if it equals the members there is no duplicate, and only otherwise is the text scanned string by string.
 */
function colonsAfterStrings(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    const before = text.charCodeAt(at - 1)
    if (before === 0x22 || before <= 0x20) count++
  }
  return count
}

/** The exact count: hops from string to string of a text known to be JSON; a string followed by a colon is a name. */
function countNames(text: string): number {
  let count = 0
  let at = text.indexOf('"')
  while (at !== -1) {
    let next = endOfString(text, at) + 1
    while (text.charCodeAt(next) <= 0x20) next++
    if (text.charCodeAt(next) === 0x3a) count++
    at = text.indexOf('"', next)
  }
  return count
}

/** The index of the quote that closes the string opened at `start`: the first with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  for (;;) {
    let slash = end - 1
    while (text.charCodeAt(slash) === 0x5c) slash--
    if ((end - slash) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
}
