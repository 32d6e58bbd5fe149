/** Redis beside a database: it tells other processes that the log has news, and counts attempts for all. Nothing is lost with it. */
import type { Redis } from 'ioredis'
import { AuthError } from '../errors.js'
import type { Stores, Wake } from './port.js'
import { promptly } from './promptly.js'
import { redisLimits } from './redis-limits.js'

const CHANNEL = 'latchkey:news'
const LONGEST_PAUSE_MILLISECONDS = 2_000
const PULSE_MILLISECONDS = 2_000

/** A command fails at once while there is no connection: whoever asks has something to fall back on. */
const OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  // Nobody waits so long: what somebody waits for has `promptly` around it.
  commandTimeout: 1_000,
  retryStrategy: (times: number) => Math.min(times * 100, LONGEST_PAUSE_MILLISECONDS) * (0.5 + Math.random()),
}

interface Connected {
  readonly publisher: Redis
  readonly subscriber: Redis
  readonly pulse: NodeJS.Timeout
}

/**
 * The same stores, with Redis as their way to wake other processes and to share the throttle. `open` does not wait for
 * Redis. Throws `options_invalid` for what is no `redis:` or `rediss:` URL; `open` throws it where `ioredis` is missing.
 */
export function withRedis(stores: Stores, url: string): Stores {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new AuthError('options_invalid', { hint: 'redis must be redis://<host>:<port>' })
  const { users, groups, sessions, revocations, keys, apiTokens } = stores
  let connected: Connected | undefined
  let listener: (() => void) | undefined

  return {
    ...stores,
    sessions: { ...sessions, create: (session, limit) => sessions.create(session, limit).then(told(isFull)) },
    revocations: {
      ...revocations,
      append: (what, because, spare) => revocations.append(what, because, spare).then(told(always)),
    },
    keys: { ...keys, save: (version, sealed, revoke) => keys.save(version, sealed, revoke).then(told(isDone)) },
    users: { ...users, remove: (id) => users.remove(id).then(told(isDone)) },
    groups: {
      ...groups,
      change: (...args) => groups.change(...args).then(told(isDone)),
      remove: (...args) => groups.remove(...args).then(told(isDone)),
      join: (...args) => groups.join(...args).then(told(isDone)),
      leave: (...args) => groups.leave(...args).then(told(isDone)),
    },
    apiTokens: { ...apiTokens, revoke: (id, at, until) => apiTokens.revoke(id, at, until).then(told(isDone)) },
    wake: { listen },
    limits: promptly(redisLimits(() => connected?.publisher)),
    open,
    close,
  }

  async function open(): Promise<void> {
    connected ??= await connect(url, () => listener?.())
    await stores.open()
  }

  async function close(): Promise<void> {
    const ending = connected
    connected = undefined
    if (ending) disconnect(ending)
    await stores.close()
  }

  /** Says, after a change that is news, that there are some; to whom it may concern, and without waiting. */
  function told<T>(isNews: (answer: T) => boolean): (answer: T) => T {
    return (answer) => {
      if (isNews(answer)) connected?.publisher.publish(CHANNEL, '').catch(() => {})
      return answer
    }
  }

  async function listen(wake: () => void): ReturnType<Wake['listen']> {
    listener = wake
    return () => {
      listener = undefined
    }
  }
}

const always = (): boolean => true
const isDone = (done: boolean): boolean => done
const isFull = (ended: readonly string[]): boolean => ended.length > 0

async function connect(url: string, wake: () => void): Promise<Connected> {
  const { Redis } = await redisModule()
  const [publisher, subscriber] = [new Redis(url, OPTIONS), new Redis(url, OPTIONS)]
  for (const redis of [publisher, subscriber]) {
    // It reconnects by itself; unheard, the event would be printed.
    redis.on('error', () => {})
    redis.connect().catch(() => {})
  }
  subscriber.on('message', wake)
  // Each time there is a connection; what was told in between is lost.
  // A connection on which nobody could subscribe is as good as none.
  subscriber.on('ready', () => void subscriber.subscribe(CHANNEL).then(wake, () => subscriber.disconnect(true)))
  const pulse = setInterval(() => [publisher, subscriber].forEach(askForLife), PULSE_MILLISECONDS)
  pulse.unref()
  return { publisher, subscriber, pulse }
}

/** A connection on which nobody answers looks like one on which there is nothing to say. */
function askForLife(redis: Redis): void {
  if (redis.status === 'ready') redis.ping().catch(() => redis.disconnect(true))
}

function disconnect({ publisher, subscriber, pulse }: Connected): void {
  clearInterval(pulse)
  publisher.disconnect()
  subscriber.disconnect()
}

async function redisModule(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    return await import('ioredis')
  } catch (cause) {
    throw new AuthError('options_invalid', { hint: 'redis needs the package ioredis: npm install ioredis', cause })
  }
}
