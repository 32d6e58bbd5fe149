/** Attempts counted in Redis, for all processes: each question is one script, so that nobody comes in between. */
import type { Redis } from 'ioredis'
import { AuthError } from '../errors.js'
import type { Charge, LimitStore } from './port.js'

// What people typed reaches a script as a value, never as its text. Times are Redis's own.
const CONSUME = `
local wait = 0
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('get', key) or '0')
  if used > 0 and used >= tonumber(ARGV[2 * i - 1]) then wait = math.max(wait, redis.call('pttl', key), 1) end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  if redis.call('incr', key) == 1 then redis.call('expire', key, ARGV[2 * i]) end
end
return 0`

const REWARD = `
for _, key in ipairs(KEYS) do
  local used = tonumber(redis.call('get', key) or '0')
  if used == 1 then redis.call('del', key) elseif used > 1 then redis.call('decr', key) end
end
return 0`

/** `connected` answers the connection once there is one. */
export function redisLimits(connected: () => Redis | undefined): LimitStore {
  return {
    async consume(charges) {
      const numbers = charges.flatMap(({ points, seconds }) => [points, seconds])
      return Math.ceil((await run(CONSUME, charges, numbers)) / 1_000)
    },
    async reward(charges) {
      await run(REWARD, charges, [])
    },
  }

  async function run(script: string, charges: readonly Charge[], numbers: readonly number[]): Promise<number> {
    const redis = connected()
    if (!redis) throw new AuthError('store_failed', { hint: 'Redis is not connected' })
    const keys = charges.map(({ key }) => keyOf(key))
    return Number(await redis.eval(script, keys.length, ...keys, ...numbers))
  }
}

// The length in front keeps apart what other parts of a key could imitate; the braces keep all keys on one server of a cluster.
const keyOf = (key: string): string => `{latchkey}:limit:${Buffer.byteLength(key)}:${key}`
