/** The part of remoteAuth that hears of revocations: the issuer's log by pages, its stream as the bell, and the promises of every feed. */
import type { Events } from './events.js'
import { createHearing, type HearingHealth } from './hearing.js'
import { permitted } from './keys/addresses.js'
import { createJsonFetch } from './keys/fetch.js'
import { createSend } from './keys/request.js'
import type { RemoteRevocationSettings } from './remote-options.js'
import type { Epochs } from './revocation/epochs.js'
import type { Freshness } from './revocation/freshness.js'
import { createRemoteLog } from './revocation/remote-log.js'
import { createRemoteWake } from './revocation/remote-wake.js'
import type { Clock } from './util/time.js'

export interface RemoteRevocations {
  readonly freshness: Freshness
  /** Whether the first read was tried. */
  readonly isOpen: boolean
  /** Waits until the first read was tried, whatever came of it. */
  opened(): Promise<void>
  /** Waits until everything was read once. Throws what the read threw, unless stale knowledge is allowed. */
  ready(): Promise<void>
  health(): HearingHealth
  close(): void
}

interface Surroundings {
  readonly clock: Clock
  readonly development: boolean
  readonly epochs: Epochs
  readonly events: Events
  readonly failed: (error: unknown) => void
}

/** A page of a thousand revocations, the longest names counted. */
const PAGE_BYTES = 4_194_304
const PAGE_MEMBERS = 16_384

export function createRemoteRevocations(
  settings: RemoteRevocationSettings,
  { clock, development, epochs, events, failed }: Surroundings,
): RemoteRevocations {
  const { url, token, allowPrivate, pollSeconds, whenStale } = settings
  const rules = { permits: permitted(allowPrivate), allowHttp: development }
  const fetchJson = createJsonFetch({ ...rules, keepAlive: true, maxBytes: PAGE_BYTES, maxMembers: PAGE_MEMBERS })
  const { feed, freshness, health } = createHearing({
    settings,
    log: createRemoteLog({ url, token, fetchJson, clock }),
    wake: createRemoteWake({ url: streamOf(url), token, send: createSend(rules) }),
    epochs,
    events,
    clock,
    failed,
  })
  let first: Promise<void> | undefined
  let starting: Promise<void> | undefined
  let isOpen = false
  let isClosed = false
  let retry: NodeJS.Timeout | undefined
  return {
    freshness,
    get isOpen() {
      return isOpen
    },
    opened: () => (first ??= start().catch(() => {})),
    ready,
    health,
    close,
  }

  async function ready(): Promise<void> {
    if (feed.freshAt) return
    try {
      await start()
    } catch (error) {
      if (whenStale !== 'allow') throw error
    }
  }

  /** An issuer that is not there yet keeps no service from starting: what a request may do meanwhile, freshness says. */
  function start(): Promise<void> {
    starting ??= begin().finally(() => {
      starting = undefined
    })
    return starting
  }

  async function begin(): Promise<void> {
    clearTimeout(retry)
    try {
      await feed.start()
    } catch (error) {
      freshness.noticed()
      failed(error)
      if (!isClosed) retry = setTimeout(() => void start().catch(() => {}), pollSeconds * 1000).unref()
      throw error
    } finally {
      isOpen = true
      if (isClosed) feed.stop()
    }
  }

  function close(): void {
    isClosed = true
    clearTimeout(retry)
    feed.stop()
  }
}

function streamOf(url: string): string {
  const stream = new URL(url)
  stream.pathname = `${stream.pathname.replace(/\/$/, '')}/stream`
  return stream.href
}
