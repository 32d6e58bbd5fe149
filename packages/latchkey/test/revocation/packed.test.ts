/** Promises of packed ids: as exact as a Map, for any id, in any order, and small. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEnded } from '../../src/revocation/ended.js'
import { createEpochs } from '../../src/revocation/epochs.js'
import { createPackedIds } from '../../src/revocation/packed.js'
import { readId, writeId } from '../../src/revocation/words.js'
import { randomId } from '../../src/util/bytes.js'

const START = 1_800_000_000
const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
const toId = (raw: Uint8Array): string => Buffer.from(raw).toString('base64url')

describe('an id of 16 bytes', () => {
  test('is read and written back as it was', () => {
    const words = new Uint32Array(4)
    fc.assert(
      fc.property(bytes, (raw) => {
        expect(readId(toId(raw), words)).toBe(true)
        expect(writeId(words, 0)).toBe(toId(raw))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['too short', 'A'.repeat(21)],
    ['too long', 'A'.repeat(23)],
    ['empty', ''],
    ['with bits that belong to no byte', `${'A'.repeat(21)}B`],
    ['of base64, not base64url', `${'A'.repeat(21)}+`],
    ['with padding', `${'A'.repeat(20)}==`],
    ['with a character that looks like A in its low bits', `${'A'.repeat(20)}\u0141A`],
    ['with a null character', `\0${'A'.repeat(21)}`],
    ['a UUID', '00000000-0000-4000-8000-000000000000'],
  ])('is none when it is %s', (_name, id) => {
    expect(readId(id, new Uint32Array(4))).toBe(false)
    const ended = createEnded()
    expect(ended.covers(id, 0)).toBe(false)
    ended.raise(id, 1, START)
    expect(ended.covers(id, 0)).toBe(true)
    expect([...ended.above(0)]).toEqual([{ key: id, stamp: 1, until: START }])
    expect(ended.size).toBe(1)
  })
})

describe('packed ids', () => {
  test('answer as a Map does, however they come, go and come again', () => {
    const few = fc.constantFrom(...Array.from({ length: 40 }, () => randomId()))
    const step = fc.record({ id: few, until: fc.integer({ min: 0, max: 30 }), dead: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const packed = createPackedIds()
        const model = new Map<string, number>()
        for (const { id, until, dead } of steps) {
          if (dead) {
            for (const _ of packed.sweep(() => until * 60));
            for (const [known, end] of model) if (end < until) model.delete(known)
          } else {
            expect(packed.add(id, until * 60)).toBe(!model.has(id))
            model.set(id, Math.max(model.get(id) ?? 0, until))
          }
          expect(packed.size).toBe(model.size)
          expect(packed.has(id)).toBe(model.has(id))
        }
        const all = [...packed.all()].map(({ key, until }) => [key, until / 60] as const)
        expect(new Map(all)).toEqual(model)
      }),
      { numRuns: 500 },
    )
  })

  test('are found among 50,000 others, and none that is not there', () => {
    const packed = createPackedIds()
    const ids = Array.from({ length: 50_000 }, () => randomId())
    for (const id of ids) packed.add(id, START)
    expect(ids.every((id) => packed.has(id))).toBe(true)
    expect(Array.from({ length: 50_000 }, () => randomId()).filter((id) => packed.has(id))).toEqual([])
  })

  test.each([
    ['count up at their front', (at: number) => Buffer.concat([counter(at), randomBytes(12)])],
    ['count up at their end', (at: number) => Buffer.concat([Buffer.alloc(12), counter(at)])],
    ['share the time at their front, as UUIDs of version 7', () => Buffer.concat([Buffer.alloc(8, 7), randomBytes(8)])],
  ])('that %s are spread all the same', (_name, make) => {
    const packed = createPackedIds()
    for (let at = 0; at < 20_000; at++) packed.add(toId(make(at)), START)
    const largest = Math.max(...packed.sweep(() => 0))
    // Of 1,024 tables, each would have 20.
    expect(largest).toBeLessThan(200)
  })

  test('are forgotten no earlier than asked, and at most a minute later', () => {
    const packed = createPackedIds()
    const id = randomId()
    packed.add(id, START + 1)
    for (const _ of packed.sweep(() => START + 1));
    expect(packed.has(id)).toBe(true)
    for (const _ of packed.sweep(() => START + 61));
    expect(packed.has(id)).toBe(false)
  })
})

test('pruning is done in steps, each of which looks at a small part, and comes round to everything', () => {
  let elapsed = 0
  const epochs = createEpochs({ clock: () => START, monotonic: () => elapsed })
  const all = Array.from({ length: 70_000 }, (_, at) => ({
    scope: at % 7 === 0 ? ('user' as const) : ('session' as const),
    row: 'self',
    key: at % 7 === 0 ? `u${at}` : randomId(),
    stamp: at + 1,
    until: START + 60,
  }))
  epochs.add(all)
  elapsed = 1_000
  const steps: number[] = []
  while (epochs.size > 0) steps.push(epochs.prune(START + 1_000))
  expect(Math.max(...steps)).toBeLessThan(25_000)
  expect(steps.length).toBeLessThan(8)
  expect(steps.reduce((sum, step) => sum + step)).toBe(70_000)
})

function counter(at: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(at)
  return four
}
