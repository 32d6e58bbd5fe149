/** Strict JSON: no duplicate members, bounded depth and size, no infinite numbers, well-formed UTF-8 without a BOM. */
import { isUtf8 } from 'node:buffer'

export interface JsonLimits {
  /** Levels of nesting; `{}` is one. */
  readonly depth: number
  /** Object members in the whole text. */
  readonly members: number
  /** Whether the value is frozen, all the way down; on the walk that counts it, this costs least. */
  readonly freeze?: boolean
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

function failure(reason: JsonError['reason']): JsonError {
  return Object.assign(new Error(`the JSON was refused: ${reason}`), { name: 'JsonError' as const, reason })
}

// `Object.hasOwn` would do, but this form costs nothing inside for-in, and for-in half of what Object.values does.
const hasOwn = Object.prototype.hasOwnProperty

/** Recursion stops at the depth limit, before a deep text could exhaust the stack. */
function countMembers(value: unknown, limits: JsonLimits, depth: number): number {
  if (typeof value !== 'object') return checkFinite(value)
  if (value === null) return 0
  if (depth > limits.depth) throw failure('too_large')
  const members = Array.isArray(value) ? countItems(value, limits, depth) : countNamed(value, limits, depth)
  if (limits.freeze === true) Object.freeze(value)
  return members
}

function countItems(items: readonly unknown[], limits: JsonLimits, depth: number): number {
  let members = 0
  for (const item of items) members += countMembers(item, limits, depth + 1)
  return members
}

function countNamed(object: object, limits: JsonLimits, depth: number): number {
  let members = 0
  for (const name in object) {
    if (!hasOwn.call(object, name)) continue
    const item: unknown = (object as Record<string, unknown>)[name]
    members += typeof item === 'string' ? 1 : 1 + countMembers(item, limits, depth + 1)
  }
  return members
}

/** No members, unless it is `1e400`. */
function checkFinite(value: unknown): 0 {
  if (typeof value === 'number' && !Number.isFinite(value)) throw failure('json')
  return 0
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
