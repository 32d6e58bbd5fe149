/** The table of tenants under attack: made-up names, questions that hang, clocks that are set back. */
import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { createResolved } from '../../src/tokens/resolved.js'
import type { Row } from '../../src/tokens/rows.js'

const START = 1_700_000_000

interface Question {
  readonly iss: string
  answer(row: Row | undefined): void
}

/** A table whose questions a test answers, and both clocks. */
function table(parts: { readonly seconds?: number } = {}) {
  const time = { wall: START, monotonic: 0 }
  const questions: Question[] = []
  const find = createResolved({
    resolve: (iss) => new Promise((answer) => questions.push({ iss, answer })),
    rememberSeconds: 600,
    clock: () => time.wall,
    monotonic: () => time.monotonic,
    ...parts,
  })
  const tick = (seconds: number) => {
    time.wall += seconds
    time.monotonic += seconds
  }
  return { find, questions, time, tick }
}

/** As much of a row as the table looks at. */
const row = () => ({ keys: { generation: 1, usableUntil: START * 2, find: () => undefined } }) as unknown as Row

const codeOf = async (answer: unknown) =>
  Promise.resolve(answer).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )

test('sixteen strangers whose questions hang do not keep a tenant out that was here before', async () => {
  const { find, questions, tick } = table()
  const first = find('https://tenant.example')
  questions[0]?.answer(row())
  await first
  tick(600)
  for (let n = 0; n < 16; n++) void codeOf(find(`https://made-up-${n}.example`))
  expect(await codeOf(find('https://one-more.example'))).toBe('overloaded')
  const again = find('https://tenant.example')
  expect(questions.at(-1)?.iss).toBe('https://tenant.example')
  questions.at(-1)?.answer(row())
  expect(await again).toBeDefined()
})

test('a question that is never answered is given up, and its place is free again', async () => {
  const { find } = table({ seconds: 0.01 })
  const hanging = Array.from({ length: 16 }, (_, n) => codeOf(find(`https://made-up-${n}.example`)))
  expect(new Set(await Promise.all(hanging))).toEqual(new Set(['issuer_unreachable']))
  expect(await codeOf(find('https://one-more.example'))).toBe('issuer_unreachable')
})

test('a tenant that cannot be looked up is asked for once a second, however many tokens name it', async () => {
  const { find, questions, tick } = table({ seconds: 0.01 })
  expect(await codeOf(find('https://tenant.example'))).toBe('issuer_unreachable')
  for (let n = 0; n < 100; n++) expect(() => find('https://tenant.example')).toThrow(AuthError)
  expect(questions).toHaveLength(1)
  tick(1)
  const again = find('https://tenant.example')
  expect(questions).toHaveLength(2)
  questions[1]?.answer(row())
  expect(await again).toBeDefined()
  expect(find('https://tenant.example')).toBe(await again)
})

test('an answer that comes after its question was given up is not remembered', async () => {
  const { find, questions, tick } = table({ seconds: 0.01 })
  expect(await codeOf(find('https://tenant.example'))).toBe('issuer_unreachable')
  questions[0]?.answer(row())
  await new Promise(setImmediate)
  tick(1)
  void codeOf(find('https://tenant.example'))
  expect(questions).toHaveLength(2)
})

test('a wall clock that is set back an hour does not make a tenant last an hour longer', async () => {
  const { find, questions, time, tick } = table()
  const first = find('https://tenant.example')
  questions[0]?.answer(row())
  const known = await first
  time.wall -= 3_600
  tick(599)
  expect(find('https://tenant.example')).toBe(known)
  expect(known?.keys.usableUntil).toBeGreaterThan(time.wall)
  tick(1)
  expect(known?.keys.usableUntil).toBeLessThanOrEqual(time.wall)
  void codeOf(find('https://tenant.example'))
  expect(questions).toHaveLength(2)
})
