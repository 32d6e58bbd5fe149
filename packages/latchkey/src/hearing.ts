/** How a process hears of revocations: a feed of somebody's log, how recent what it told is, and the events of both. */
import type { Events } from './events.js'
import type { Epochs } from './revocation/epochs.js'
import { createFeed, type Feed, type FeedParts } from './revocation/feed.js'
import { createFreshness, type Freshness } from './revocation/freshness.js'
import type { RevocationSettings } from './revocation/options.js'
import type { Clock } from './util/time.js'

/** How far behind a process is in what it knows of revocations. */
export interface HearingHealth {
  /** Seconds since the last read of the log that succeeded began; Infinity before the first. */
  readonly lagSeconds: number
  /** Whether that is within the bound. */
  readonly fresh: boolean
  /** How many revocations this process remembers. */
  readonly known: number
}

interface Hearing {
  readonly feed: Feed
  readonly freshness: Freshness
  health(): HearingHealth
}

interface HearingParts extends Pick<FeedParts, 'log' | 'wake' | 'ring'> {
  readonly settings: RevocationSettings
  readonly epochs: Epochs
  readonly events: Events
  readonly clock: Clock
  readonly failed: (error: unknown) => void
}

export function createHearing({ settings, events, failed, ...parts }: HearingParts): Hearing {
  const { epochs, clock } = parts
  const { boundSeconds, pollSeconds, whenStale } = settings
  const feed = createFeed({
    ...parts,
    poll: pollSeconds,
    failed: (error) => {
      freshness.noticed()
      failed(error)
    },
    finished: () => freshness.noticed(),
    rewound: () => events.emit('store.rewound', {}),
  })
  const freshness = createFreshness({
    feed,
    clock,
    boundSeconds,
    whenStale,
    changed: (stale, lagSeconds) => events.emit(stale ? 'revocation.stalled' : 'revocation.resumed', { lagSeconds }),
  })
  return { feed, freshness, health }

  function health(): HearingHealth {
    const lagSeconds = freshness.lag(clock())
    return { lagSeconds, fresh: lagSeconds <= boundSeconds, known: epochs.size }
  }
}
