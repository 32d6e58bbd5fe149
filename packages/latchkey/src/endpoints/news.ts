/** News of revocations as server-sent events: one for each, with the head of the log as its id, to a limited number of listeners. */
import { AuthError } from '../errors.js'
import type { Feed } from '../revocation/feed.js'
import type { Stamp } from '../stores/port.js'
import type { Clock } from '../util/time.js'

export interface Listening {
  /** What the listener has read: it is told at once where there is more. Left out: told at once in any case. */
  readonly after: Stamp | undefined
  /** When the credential ends, in seconds. */
  readonly until: number
  /** Whether the caller may still listen; asked with every heartbeat. Never rejects. */
  isAllowed(): Promise<boolean>
}

export interface News {
  /** Throws `overloaded`. */
  open(listening: Listening): ReadableStream<Uint8Array>
  /** Ends every stream. */
  close(): void
}

export interface NewsParts {
  readonly feed: Pick<Feed, 'head' | 'onNews'>
  readonly clock: Clock
  /** How often a silent stream says that it lives. Default 15. */
  readonly heartbeatSeconds?: number
  /** How many streams there may be. Default 1,000. */
  readonly most?: number
}

/** So many heartbeats nobody took, and the listener is gone or might as well be. */
const UNREAD = 4

export function createNews({ feed, clock, heartbeatSeconds = 15, most = 1_000 }: NewsParts): News {
  const open = new Set<Stream>()
  let deaf: (() => void) | undefined
  return {
    open(listening) {
      if (open.size >= most)
        throw new AuthError('overloaded', { hint: `${most} streams of news are open`, retryAfter: 5 })
      deaf ??= feed.onNews((head) => {
        for (const stream of open) stream.tell(head)
      })
      const stream = createStream(listening, closed)
      open.add(stream)
      stream.start()
      return stream.body
    },
    close() {
      for (const stream of open) stream.end()
    },
  }

  function closed(stream: Stream): void {
    open.delete(stream)
    if (open.size > 0) return
    deaf?.()
    deaf = undefined
  }

  function createStream({ after, until, isAllowed }: Listening, closed: (stream: Stream) => void): Stream {
    let output: ReadableStreamDefaultController<Uint8Array> | undefined
    let timer: NodeJS.Timeout | undefined
    let newest = feed.head
    // Whoever has read more than there is should look again.
    let told = after !== undefined && after <= newest ? after : undefined
    let unread = 0
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          output = controller
        },
        // Room again for whoever was slow: only the newest counts.
        pull: () => tell(newest),
        cancel: finish,
      },
      { highWaterMark: 4 },
    )
    const stream: Stream = { body, start, tell, end }
    return stream

    function start(): void {
      write('retry: 1000\n\n')
      tell(newest)
      beatLater()
    }

    function tell(head: Stamp): void {
      newest = Math.max(newest, head)
      if (newest === told || isFull()) return
      told = newest
      if (clock() >= until) end()
      else write(`id: ${newest}\ndata: {"head":${newest}}\n\n`)
    }

    /** At the credential's end, too: never a heartbeat longer. */
    function beatLater(): void {
      timer = setTimeout(beat, Math.max(0, Math.min(heartbeatSeconds, until - clock())) * 1000)
      timer.unref()
    }

    async function beat(): Promise<void> {
      if (clock() >= until || unread >= UNREAD || !(await isAllowed())) return end()
      if (isFull()) unread++
      else {
        unread = 0
        write(':\n\n')
      }
      if (output) beatLater()
    }

    function isFull(): boolean {
      return (output?.desiredSize ?? 0) <= 0
    }

    function write(text: string): void {
      output?.enqueue(Buffer.from(text))
    }

    function end(): void {
      output?.close()
      finish()
    }

    function finish(): void {
      output = undefined
      clearTimeout(timer)
      closed(stream)
    }
  }
}

interface Stream {
  readonly body: ReadableStream<Uint8Array>
  start(): void
  tell(head: Stamp): void
  end(): void
}
