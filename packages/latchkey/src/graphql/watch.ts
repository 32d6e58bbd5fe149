/** Connections that live only as long as the credential they were opened with: everybody on one is judged again, twice a second. */
import type { AuthError } from '../errors.js'
import type { Caller } from './caller.js'

export interface Watch {
  /** Tells `ended` once, when the caller is no longer who they were; answers how to stop. */
  add(caller: Caller, ended: (why: AuthError) => void): () => void
}

interface Watched {
  readonly caller: Caller
  readonly ended: (why: AuthError) => void
  /** While it is judged: a store that does not answer keeps nobody else waiting. */
  isAsked: boolean
}

/** Half of the second within which a connection has to end. */
const EVERY_MS = 500

/** So many are judged in one turn of the event loop. */
const AT_ONCE = 200

export function createWatch(): Watch {
  const open = new Set<Watched>()
  let timer: NodeJS.Timeout | undefined
  let busy = false
  return { add }

  function add(caller: Caller, ended: (why: AuthError) => void): () => void {
    // A stranger has nothing that could end.
    if (!caller.found.context) return () => {}
    const watched = { caller, ended, isAsked: false }
    open.add(watched)
    timer ??= setInterval(() => void look(), EVERY_MS).unref()
    return () => remove(watched)
  }

  function remove(watched: Watched): void {
    open.delete(watched)
    if (open.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  async function look(): Promise<void> {
    if (busy) return
    busy = true
    let count = 0
    for (const watched of [...open]) {
      if (open.has(watched) && !watched.isAsked) void judge(watched)
      count += 1
      if (count % AT_ONCE === 0) await new Promise(setImmediate)
    }
    busy = false
  }

  async function judge(watched: Watched): Promise<void> {
    watched.isAsked = true
    const { failure } = await watched.caller.again()
    watched.isAsked = false
    // A store that does not answer for a moment has said nothing about this caller; the events themselves are judged, too.
    if (!failure || failure.status >= 500 || !open.has(watched)) return
    remove(watched)
    watched.caller.failure = failure
    watched.ended(failure)
  }
}

/** A stream that ends with its caller: the last thing on it says why. */
export function boundTo<T>(
  source: AsyncIterable<T>,
  caller: Caller,
  watch: Watch,
  last: (why: AuthError) => T,
): AsyncIterableIterator<T> {
  const iterator = source[Symbol.asyncIterator]()
  let why: AuthError | undefined
  let isOver = false
  let wake = (): void => {}
  const stop = watch.add(caller, (failure) => {
    why = failure
    wake()
  })
  return bound()

  function bound(): AsyncIterableIterator<T> {
    return { next, return: finish, throw: fail, [Symbol.asyncIterator]: bound }
  }

  async function next(): Promise<IteratorResult<T>> {
    if (isOver) return { done: true, value: undefined }
    const arrived = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
      wake = () => resolve(undefined)
      if (why) return wake()
      iterator.next().then(resolve, reject)
    })
    if (isOver) return { done: true, value: undefined }
    const failure = why ?? (arrived?.done ? undefined : caller.failure)
    // What came after the caller was found to be gone is nobody's any more.
    if (failure && caller.found.context) {
      close()
      return { done: false, value: last(failure) }
    }
    if (!arrived || arrived.done) {
      close()
      return { done: true, value: undefined }
    }
    return arrived
  }

  async function finish(): Promise<IteratorResult<T>> {
    close()
    return { done: true, value: undefined }
  }

  async function fail(error: unknown): Promise<IteratorResult<T>> {
    close()
    throw error
  }

  /** The source may be waiting for its next event, and would hear of its end only then: nobody waits for that. */
  function close(): void {
    if (isOver) return
    isOver = true
    stop()
    wake()
    void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
