/** What an error tells of the server that it was made in: nothing, on none of them. */
import { expect, test, vi } from 'vitest'
import { servers } from './servers.js'
import { startWorld } from './world.js'

test.each(Object.entries(servers))('%s tells no stack, whatever NODE_ENV says', async (_name, start) => {
  vi.stubEnv('NODE_ENV', 'development')
  const world = await startWorld(start)
  vi.unstubAllEnvs()
  for (const query of ['{ me }', '{ broken refused told }', '{ opne }', '{'])
    expect((await world.post(query)).text).not.toMatch(/stack|\.[tj]s:|node_modules/)
  await world.close()
})
