/** Promises of the sieve: whatever comes and goes while it is made anew, it misses nothing that is there, and lets little else through. */
import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSieve, type Sieve } from '../../src/revocation/sieve.js'

const PARTS = 64

/** Ids that are known by their bits alone, each in the part that its bits tell. */
function ids(deaf = false) {
  const parts = Array.from({ length: PARTS }, () => new Set<number>())
  const partOf = (bits: number): Set<number> => parts[bits % PARTS] as Set<number>
  const size = () => parts.reduce((all, part) => all + part.size, 0)
  const sieve: Sieve = createSieve(PARTS, (part, take) => parts[part]?.forEach(take))
  const all = () => parts.flatMap((part) => [...part])
  return {
    sieve,
    size,
    missed: () => all().filter((bits) => !sieve.may(bits)).length,
    add(bits: number) {
      partOf(bits).add(bits)
      if (!deaf || size() < 2_000) sieve.add(bits, size())
    },
    keep(few: number) {
      for (const bits of all().slice(few)) partOf(bits).delete(bits)
      for (let step = 0; step < PARTS; step++) sieve.renew(size())
    },
  }
}

const someBits = () => randomInt(2 ** 30)
const letThrough = (sieve: Sieve) => Array.from({ length: 20_000 }, someBits).filter(sieve.may).length / 20_000

test('it misses none while it grows, and lets through one stranger in ten at most', () => {
  const { sieve, add, missed } = ids()
  for (let n = 1; n <= 40_000; n++) {
    add(someBits())
    if (n % 4_000 === 0) {
      expect(missed()).toBe(0)
      expect(letThrough(sieve)).toBeLessThan(0.1)
    }
  }
})

test('it forgets what is gone, and still misses none that came meanwhile', () => {
  const { sieve, add, keep, missed, size } = ids()
  for (let n = 0; n < 40_000; n++) add(someBits())
  keep(100)
  expect(size()).toBe(100)
  for (let n = 0; n < 500; n++) add(someBits())
  expect(missed()).toBe(0)
  expect(letThrough(sieve)).toBeLessThan(0.05)
})

test('one that is not told of what comes is found out', () => {
  const { add, missed } = ids(true)
  for (let n = 0; n < 4_000; n++) add(someBits())
  expect(missed()).toBeGreaterThan(1_000)
})
