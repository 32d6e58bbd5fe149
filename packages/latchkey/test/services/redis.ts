/** Redis for tests: one server for the run. */
import { inject } from 'vitest'
import { startRedis } from './redis-server.mjs'
import { shared } from './server.js'

export const redisUrl = (): Promise<string> => shared(inject('services'), 'redis', startRedis)
