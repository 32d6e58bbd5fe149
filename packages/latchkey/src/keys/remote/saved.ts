/** The last good set in the store, so that a process that starts during an outage knows the keys. It proves itself by a MAC. */
import type { AuthError } from '../../errors.js'
import type { Algorithm } from '../../jwt/algorithms.js'
import { publicJwk } from '../../jwt/key.js'
import type { KeySetStore } from '../../stores/port.js'
import { parseJson } from '../../util/json.js'
import { failureOf } from './inquiry.js'
import type { SavedMac } from './mac.js'
import { type Look, type RemoteSource, readSet } from './source.js'

/** A look of an earlier process, and when that was. */
type SavedLook = Look & { readonly at: number; readonly maxAge: number }

export interface SavedSet {
  /** `undefined` where there is nothing, or nothing to be trusted, or no store that answers. */
  load(): Promise<SavedLook | undefined>
  /** Begins to write; nobody who only wants a key waits for it. */
  save(look: SavedLook): void
  /** Leaves nothing behind that could be loaded. */
  forget(at: number): void
  /** When everything is written, or has failed. */
  settled(): Promise<void>
}

export interface SavedSetParts {
  readonly store: KeySetStore
  readonly mac: SavedMac
  readonly row: string
  readonly issuer: string | undefined
  readonly source: RemoteSource
  readonly algorithms: readonly Algorithm[]
  readonly failed: (error: AuthError) => void
}

const limits = { depth: 8, members: 2_048 }

export function createSavedSet({ store, mac, row, issuer, source, algorithms, failed }: SavedSetParts): SavedSet {
  let writing: Promise<void> = Promise.resolve()
  return { load, save, forget: (at) => write('', at), settled: () => writing }

  async function load(): Promise<SavedLook | undefined> {
    try {
      const { text = '' } = (await store.load(row)) ?? {}
      const [, proof = '', body = ''] = /^1 ([\w.-]+) (.*)$/s.exec(text) ?? []
      return mac.holds(bound(body), proof) ? read(body) : undefined
    } catch (cause) {
      failed(failureOf(row, 'its saved keys cannot be read', cause))
      return undefined
    }
  }

  /** Like a set that was fetched: the algorithms of the row may be others by now. */
  function read(body: string): SavedLook {
    const { at, maxAge, url, keys } = parseJson(body, limits) as Saved
    return { ...readSet({ keys }, algorithms), url, at, maxAge }
  }

  function save({ set, url, at, maxAge }: SavedLook): void {
    const body = JSON.stringify({ at, maxAge, url, keys: set.keys.map(publicJwk) })
    write(`1 ${mac.make(bound(body))} ${body}`, at)
  }

  /** One after the other, so that an older text never replaces a newer one. */
  function write(text: string, at: number): void {
    writing = writing
      .then(() => store.save(row, text, at))
      .catch((cause) => failed(failureOf(row, 'its keys cannot be saved', cause)))
  }

  /** A set is that of one row with one source: under another configuration the same text proves nothing. */
  function bound(body: string): string {
    return JSON.stringify(['latchkey/keyset/1', row, issuer ?? null, source, body])
  }
}

interface Saved {
  readonly at: number
  readonly maxAge: number
  readonly url: string
  readonly keys: unknown
}
