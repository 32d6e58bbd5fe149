/** A key set in a file: read at start, and again when the file changes, so that keys are replaced without a restart. */
import { readFileSync, statSync } from 'node:fs'
import { AuthError } from '../../errors.js'
import { unfit } from '../../jwt/unfit.js'
import { decodeUtf8, parseJson } from '../../util/json.js'
import type { Clock } from '../../util/time.js'
import type { KeySet } from '../remote/key-set.js'
import type { ExternalKeys } from '../remote.js'

export interface FileKeysParts {
  readonly path: string
  readonly read: (value: unknown) => KeySet
  readonly clock: Clock
  readonly monotonic: () => number
  readonly failed: (error: AuthError) => void
}

/** How long a file may be used without a look at its date. */
const LOOK_SECONDS = 10
const MAX_BYTES = 262_144
const limits = { depth: 8, members: 2_048 }

/** Throws `options_invalid` for a file that cannot be read now. */
export function createFileKeys({ path, read, clock, monotonic, failed }: FileKeysParts): ExternalKeys {
  let mark = markOf(path)
  let set = load()
  let generation = 1
  let looked = { wall: clock(), monotonic: monotonic() }
  return {
    get generation() {
      return generation
    },
    get usableUntil() {
      return monotonic() < looked.monotonic + LOOK_SECONDS ? looked.wall + LOOK_SECONDS : 0
    },
    find(kid, alg) {
      if (monotonic() >= looked.monotonic + LOOK_SECONDS) look()
      return set.find(kid, alg)
    },
    thumbprints: () => set.thumbprints,
    known: () => set.known,
  }

  /** The date costs a few microseconds; the file is read only when it is another. Half a file has another date when it is whole. */
  function look(): void {
    looked = { wall: clock(), monotonic: monotonic() }
    const next = markOf(path)
    if (next === mark) return
    mark = next
    try {
      const fresh = load()
      if (fresh.identity !== set.identity) generation++
      set = fresh
    } catch (error) {
      if (error instanceof AuthError) failed(error)
      else throw error
    }
  }

  function load(): KeySet {
    try {
      return read(parsed(readFileSync(path)))
    } catch (cause) {
      const why = cause instanceof AuthError ? cause.hint : cause instanceof Error ? cause.message : ''
      throw unfit(`the key set file: ${why}`, cause)
    }
  }
}

/** A file that is gone has a mark, too: that it is missing is news once. */
function markOf(path: string): string {
  const { mtimeMs, ino, size } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return `${mtimeMs} ${ino} ${size}`
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024} KiB`)
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new Error('it is not UTF-8 without a byte order mark')
  return parseJson(text, limits)
}
