/** Promises of the hasher: bounded work, bounded waiting, and the same work for nobody. */
import { hash as argon2Hash } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { createHasher } from '../../src/users/passwords.js'
import { readHash } from '../../src/users/phc.js'
import { outcome } from './fixtures.js'

const salt = 'AAAAAAAAAAAAAAAAAAAAAA'
const sum = 'A'.repeat(43)
const phc = (parameters: string, variant = 'argon2id', version = 'v=19') =>
  `$${variant}$${version}$${parameters}$${salt}$${sum}`

describe('what is stored', () => {
  test('a hash has our parameters, is verified by its password only, and is not outdated', async () => {
    const hasher = createHasher()
    const stored = await hasher.hash('right horse')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await hasher.verify(stored, 'right horse')).toEqual({ ok: true, outdated: false })
    expect(await hasher.verify(stored, 'wrong horse')).toEqual({ ok: false, outdated: false })
  })

  test('case 199: a trailing space is kept, and what differs after 72 characters is another password', async () => {
    const hasher = createHasher()
    const stored = await hasher.hash(`${'A'.repeat(72)}x `)
    expect((await hasher.verify(stored, `${'A'.repeat(72)}x `)).ok).toBe(true)
    expect((await hasher.verify(stored, `${'A'.repeat(72)}y `)).ok).toBe(false)
    expect((await hasher.verify(stored, `${'A'.repeat(72)}x`)).ok).toBe(false)
  })

  test('a right password with other parameters is outdated, a wrong one tells nothing about them', async () => {
    const stored = await argon2Hash('right horse', { memoryCost: 1_024, timeCost: 1, parallelism: 2 })
    const hasher = createHasher()
    expect(await hasher.verify(stored, 'right horse')).toEqual({ ok: true, outdated: true })
    expect(await hasher.verify(stored, 'wrong horse')).toEqual({ ok: false, outdated: false })
  })

  test.each([undefined, null, '', 'plain', '$2b$10$abc', 'pbkdf2_sha256$600000$x$y', phc('m=8388608,t=2,p=1')])(
    'case 201: %s is nobody: refused after the usual work, never an error',
    async (stored) => {
      expect(await createHasher().verify(stored, 'right horse')).toEqual({ ok: false, outdated: false })
    },
  )

  test('a hash of the right shape that cannot be decoded is nobody as well', async () => {
    const undecodable = `$argon2id$v=19$m=19456,t=2,p=1$${salt.slice(0, -1)}B$${sum}`
    expect(readHash(undecodable)).toBeDefined()
    expect(await createHasher().verify(undecodable, 'right horse')).toEqual({ ok: false, outdated: false })
  })
})

describe('case 201: the bounds of stored parameters', () => {
  test.each([
    ['ours', phc('m=19456,t=2,p=1'), 'current'],
    ['argon2-cffi and Django', phc('m=102400,t=2,p=8'), 'outdated'],
    ['RFC 9106, second choice', phc('m=65536,t=3,p=4'), 'outdated'],
    ['PHP', phc('m=65536,t=4,p=1'), 'outdated'],
    ['argon2i', phc('m=19456,t=2,p=1', 'argon2i'), 'outdated'],
    ['version 16', phc('m=19456,t=2,p=1', 'argon2id', 'v=16'), 'outdated'],
    ['8 GiB', phc('m=8388608,t=2,p=1'), 'refused'],
    ['256 MiB', phc('m=262144,t=1,p=1'), 'refused'],
    ['1,000 passes', phc('m=64,t=1000,p=1'), 'refused'],
    ['both at their limits', phc('m=131072,t=16,p=1'), 'refused'],
    ['17 lanes', phc('m=19456,t=2,p=17'), 'refused'],
    ['no passes', phc('m=19456,t=0,p=1'), 'refused'],
    ['no lanes', phc('m=19456,t=2,p=0'), 'refused'],
    ['less than 8 KiB a lane', phc('m=8,t=2,p=2'), 'refused'],
    ['no version', `$argon2id$m=19456,t=2,p=1$${salt}$${sum}`, 'refused'],
    ['a key id', phc('m=19456,t=2,p=1,keyid=AA'), 'refused'],
    ['a line break after it', `${phc('m=19456,t=2,p=1')}\n`, 'refused'],
  ])('%s', (_, stored, expected) => {
    const found = readHash(stored)
    expect(found ? (found.outdated ? 'outdated' : 'current') : 'refused').toBe(expected)
  })
})

describe('the queue', () => {
  test('case 200: of 200 at once as many are hashed as there are workers and places, the rest is told when to come back', async () => {
    const hasher = createHasher({ workers: 1, queue: 3 })
    const cheap = await argon2Hash('right horse', { memoryCost: 64, timeCost: 1 })
    const errors: { retryAfter?: number }[] = []
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => {
        return outcome(
          hasher.verify(cheap, 'right horse').catch((error) => Promise.reject(errors.push(error) && error)),
        )
      }),
    )
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(4)
    expect(answers.filter((answer) => answer === 'overloaded')).toHaveLength(196)
    expect(errors.every(({ retryAfter }) => Number.isInteger(retryAfter) && (retryAfter as number) > 0)).toBe(true)
  })

  test('places become free again, also after failures', async () => {
    const hasher = createHasher({ workers: 1, queue: 0 })
    for (let i = 0; i < 3; i += 1) expect((await hasher.verify('plain', 'x')).ok).toBe(false)
  })
})
