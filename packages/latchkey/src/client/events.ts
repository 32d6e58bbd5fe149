/** A subscription by server-sent events, as GraphQL Yoga sends them: begun again with a fresh token when its token ended. */
import { MENDABLE } from './mendable.js'
import { isOver, over, pause, pauseOf, STEADY_SECONDS } from './token-source.js'
import type { Client, Identified } from './types.js'

/** What is subscribed to. */
export interface GraphqlOperation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

/** One event. */
export interface GraphqlResult<T = Readonly<Record<string, unknown>>> {
  readonly data?: T | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** How long to listen. */
export interface EventsOptions {
  readonly signal?: AbortSignal
}

/**
 * Subscribes by server-sent events, with the credentials of a client of the API. A stream that ends because of its token begins again
 * after a refresh, one that breaks off begins again after a pause; what was published in between is not heard. Rejects with an error
 * whose `code` is the reason when the session is over, and with the reason of the signal.
 *
 * @example
 * ```ts
 * import { createClient } from 'latchkey/client'
 * import { eventsOf } from 'latchkey/client/graphql'
 * const api = createClient('/auth')
 * for await (const { data } of eventsOf(api, '/graphql', { query: 'subscription { news }' })) console.log(data)
 * ```
 */
export async function* eventsOf<T = Readonly<Record<string, unknown>>>(
  api: Pick<Client<Identified>, 'fetch' | 'refresh' | 'user'>,
  url: string | URL,
  operation: GraphqlOperation,
  { signal }: EventsOptions = {},
): AsyncGenerator<GraphqlResult<T>, void> {
  let who = api.user?.id
  for (let attempts = 0; ; attempts += 1) {
    const beganAt = performance.now()
    try {
      const reason = yield* once<T>(api, url, operation, signal)
      if (reason === undefined) return
      // What one user wanted is not heard in the name of the next one.
      const id = (await api.refresh())?.id
      if (id === undefined || (who !== undefined && id !== who)) throw over(reason)
      who = id
    } catch (error) {
      if (signal?.aborted || isOver(error) || !(error instanceof TypeError)) throw error
    }
    if (performance.now() - beganAt > STEADY_SECONDS * 1_000) attempts = 0
    await pause(pauseOf(attempts))
  }
}

/** Until it ends: nothing where it is complete, otherwise the code of what a refresh may mend. A network that fails is a TypeError. */
async function* once<T>(
  api: Pick<Client<Identified>, 'fetch'>,
  url: string | URL,
  operation: GraphqlOperation,
  signal: AbortSignal | undefined,
): AsyncGenerator<GraphqlResult<T>, string | undefined> {
  const response = await api.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json' },
    body: JSON.stringify(operation),
    ...(signal && { signal }),
  })
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const answer = (await response.json().catch(() => ({}))) as GraphqlResult<T>
    if (!answer.errors && !answer.data) throw over(`status ${response.status}`)
    const code = endedBy(answer)
    if (code !== undefined) return code
    yield answer
    return undefined
  }
  for await (const [event, data] of read(response)) {
    if (event === 'complete') return undefined
    if (event !== 'next') continue
    const result = JSON.parse(data) as GraphqlResult<T>
    const code = endedBy(result)
    if (code !== undefined) return code
    yield result
  }
  throw new TypeError('The stream broke off.')
}

/** The code of an answer that says nothing but that the token is not good. */
function endedBy({ data, errors }: GraphqlResult<unknown>): string | undefined {
  const code = data == null ? errors?.[0]?.extensions?.code : undefined
  return typeof code === 'string' && MENDABLE.test(code) ? code : undefined
}

/** The events of a stream: their names and what they say. */
async function* read(response: Response): AsyncGenerator<readonly [event: string, data: string]> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text = (text + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n')
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) yield [lines(block, 'event')[0] ?? 'message', lines(block, 'data').join('\n')]
    }
  } finally {
    // Whoever stops listening closes the connection.
    await reader.cancel().catch(() => {})
  }
}

const lines = (block: string, name: string): readonly string[] =>
  block.split('\n').flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : []))
