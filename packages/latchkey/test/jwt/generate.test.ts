/** A process that makes keys goes on: also where garbage is collected in the middle of writing one down (Node 20 waits for itself there). */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { algorithms } from '../../src/jwt/algorithms.js'
import { generateKey, privateJwk, publicJwk, thumbprint } from '../../src/jwt/key.js'

const built = new URL('../../dist/esm/jwt/index.js', import.meta.url).href

test('three thousand keys in a process with little room are made, and written down again and again', async () => {
  const program = `
    import { generateKey, publicJwk } from '${built}'
    for (let made = 0; made < 3_000; made += 1) {
      const key = generateKey('ES256')
      for (let again = 0; again < 20; again += 1) publicJwk(key)
    }
    console.log('done')
  `
  const flags = ['--max-semi-space-size=1', '--gc-global', '--input-type=module', '--eval', program]
  // Killed: a thread that waits for itself hears no signal.
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 25_000, killSignal: 'SIGKILL' })
  expect(stdout).toBe('done\n')
})

test.each(algorithms.filter((alg) => !alg.startsWith('HS')))('%s: a new key is whole', (alg) => {
  const key = generateKey(alg)
  expect([key.material.type, key.public?.type]).toEqual(['private', 'public'])
  expect(key.kid).toBe(thumbprint(key))
  expect(privateJwk(key)).toMatchObject({ ...publicJwk(key), d: expect.any(String) })
})
