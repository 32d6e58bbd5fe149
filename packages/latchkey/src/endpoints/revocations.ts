/** What services elsewhere read of revocations: pages of the log, and news of it, for callers with the permission `revocations:read`. */
import { AuthError } from '../errors.js'
import type { Found } from '../guard/authenticator.js'
import { permission } from '../guard/guards.js'
import type { RevocationLog, User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import { OWN_ROW } from '../util/own-row.js'
import { caller } from './caller.js'
import type { News } from './news.js'
import type { Call, Operations, RevocationPage } from './surface.js'

export interface RevocationReadingParts<U extends User> {
  readonly log: Pick<RevocationLog, 'since'>
  readonly news: News
  readonly authenticate: (head: RequestHead, peer: Peer) => Found<U>
}

type Reading<U extends User> = Pick<Operations<U>, 'revocations' | 'revocationNews'>

const MOST = 1_000
const mayRead = permission('revocations:read')

export function createRevocationReading<U extends User>(parts: RevocationReadingParts<U>): Reading<U> {
  const { log, news, authenticate } = parts
  return { revocations, revocationNews }

  async function revocations(
    { after = 0, limit = MOST }: { after?: number | undefined; limit?: number | undefined },
    call: Call<U>,
  ): Promise<RevocationPage> {
    await mayRead(await caller(call))
    const most = Math.min(Math.max(1, limit), MOST)
    const { epochs, head, now } = await log.since(after, most)
    // What ended of other issuers' users and of API tokens is nobody's business elsewhere.
    const ours = epochs.filter(({ row }) => row === OWN_ROW)
    const last = epochs.at(-1)
    return { epochs: ours, head, now, ...(last && epochs.length >= most && { next: last.stamp }) }
  }

  async function revocationNews(
    { after }: { after?: number | undefined },
    call: Call<U>,
  ): Promise<ReadableStream<Uint8Array>> {
    const { claims } = await caller(call)
    await stillMay(call)
    const { exp } = claims
    return news.open({
      after: lastSeen(call.head) ?? after,
      until: typeof exp === 'number' ? exp : Number.POSITIVE_INFINITY,
      isAllowed: () => stillMay(call).then(() => true, isNobodysFault),
    })
  }

  /** Asked anew: what was good when the stream was opened may be revoked, expired or poorer by a permission. */
  async function stillMay({ head, peer }: Call<U>): Promise<void> {
    const { context, failure } = await authenticate(head, peer)
    if (failure && !context) throw failure
    await mayRead(context)
  }
}

/** Where nobody can tell, the stream goes on: what it says is that there is something to ask for, and that is asked for with the credential. */
const isNobodysFault = (error: unknown): boolean => !(error instanceof AuthError && error.status < 500)

function lastSeen(head: RequestHead): number | undefined {
  const id = head.header('last-event-id')
  return id !== undefined && /^\d{1,16}$/.test(id) ? Number(id) : undefined
}
