/** The judge of the fault tables is judged: it finds an answer of each kind that must not be given, and nothing else. */
import { describe, expect, test } from 'vitest'
import { broken, type Promised, SOON_MILLISECONDS } from './judge.js'
import type { Answer } from './kit.js'
import type { Needs, Question } from './questions.js'

const unavailable: Answer = { status: 503, code: 'store_failed', retryAfter: 1, milliseconds: 2_300, body: {} }
const gone: Promised = {
  nothing: 'good',
  token: 'good',
  read: 'unavailable',
  write: 'unavailable',
  proof: 'unavailable',
}
const past: Promised = { ...gone, token: 'unavailable' }

function found(needs: Needs, answer: Partial<Answer>, promised = gone): number {
  const question: Question = { needs, good: needs === 'proof' ? 401 : 200, ask: async () => unavailable }
  return broken({ it: question }, { it: { ...unavailable, ...answer } }, promised).length
}

describe('while the database is gone the judge finds', () => {
  const planted: Readonly<Record<string, [Needs, Partial<Answer>, Promised?]>> = {
    'an answer that came too late': ['write', { milliseconds: SOON_MILLISECONDS }],
    'a 503 without the time to come back': ['write', { retryAfter: 0 }],
    'a 503 for another reason': ['write', { code: 'overloaded' }],
    'a 500': ['write', { status: 500, code: undefined }],
    'somebody who is told that his good token is none': ['write', { status: 401, code: 'refresh_invalid' }],
    'a success that nobody can have written': ['write', { status: 200, code: undefined }],
    'a stranger who was let in': ['proof', { status: 200, code: undefined }],
    'a public key that nobody gets': ['nothing', {}],
    'a good token refused within the bound': ['token', {}],
    'a good token accepted past the bound': ['token', { status: 200 }, past],
  }
  test.each(Object.entries(planted))('%s', (_name, fault) => {
    expect(found(...fault)).toBe(1)
  })

  test('a question that nobody asked', () => {
    const question: Question = { needs: 'token', good: 200, ask: async () => unavailable }
    expect(broken({ it: question }, {}, gone)).toEqual(['it: not asked'])
  })
})

test('the judge finds nothing in what was promised', () => {
  expect(found('read', {})).toBe(0)
  expect(found('proof', {})).toBe(0)
  expect(found('proof', { status: 401, code: 'token_invalid' })).toBe(0)
  expect(found('token', { status: 200 })).toBe(0)
  expect(found('token', {}, past)).toBe(0)
})
