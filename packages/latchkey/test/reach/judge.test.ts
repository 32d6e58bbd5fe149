/** The judge itself is judged: histories with one planted fault each, and the honest ones that look most like them. */
import { describe, expect, test } from 'vitest'
import { judge } from './judge.mjs'

const BOUND = 5

type Settings = { boundSeconds: number; whenStale: string }

/** Ann has a token of session s since moment 0. Every question takes half a second; moments are seconds. */
function story(whenStale = 'ask-store') {
  const token = { user: 'ann', session: 's', jti: 'j', kid: 'k', start: 0, end: 500 }
  const history = { shown: [] as object[], endings: [] as object[], stops: [] as object[] }
  const at = (moment: number, outcome: string) => ({ start: moment * 1000, end: moment * 1000 + 500, outcome })
  const told = {
    /** At server 0; `due` is the bound after it. */
    end: (moment: number, kind: string, more: object = {}) =>
      add(history.endings, {
        ...at(moment, 'ok'),
        ...{ kind, by: 0, user: 'ann', session: 's', jti: 'j', kid: 'k', due: moment * 1000 + 500 + BOUND * 1000 },
        ...more,
      }),
    show: (moment: number, replica: number, outcome: string, code = '', more: object = {}) =>
      add(history.shown, { ...at(moment, outcome), token: { ...token, ...more }, replica, code }),
    stop: (from: number, to: number) => add(history.stops, { replica: 1, from: from * 1000, to: to * 1000 }),
    verdict: () => {
      const settings: Settings = { boundSeconds: BOUND, whenStale }
      const { findings: _, ...counts } = judge(history, settings)
      return Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0))
    },
  }
  const add = (list: object[], one: object) => {
    list.push(one)
    return told
  }
  return told
}

const revoked = ['refused', 'token_revoked'] as const

describe('a good history', () => {
  test('has a token that is refused at once here, and taken elsewhere until it is due', () => {
    const told = story()
      .show(1, 1, 'ok')
      .end(2, 'logout')
      .show(3, 0, ...revoked)
    expect(
      told
        .show(3, 1, 'ok')
        .show(7, 1, 'ok')
        .show(8, 1, ...revoked)
        .verdict(),
    ).toEqual({})
  })

  test('has tokens of whoever logged in after it', () => {
    const later = { start: 2600, end: 2700 }
    expect(story().end(2, 'user').show(9, 0, 'ok', '', later).verdict()).toEqual({})
  })

  test('has a refusal while the end is under way, or although its answer was a refusal', () => {
    expect(
      story()
        .end(2, 'everyone')
        .show(2.1, 1, ...revoked)
        .verdict(),
    ).toEqual({})
    expect(
      story()
        .end(2, 'password', { outcome: 'refused' })
        .show(4, 1, ...revoked)
        .verdict(),
    ).toEqual({})
  })

  test('has 503 from a server that denies and was stopped, and an ended token from one that allows', () => {
    expect(story('deny').stop(1, 9).show(8.9, 1, 'unavailable').verdict()).toEqual({})
    const due = Number.POSITIVE_INFINITY
    expect(story('allow').end(2, 'key', { due }).stop(1, 9).show(9, 1, 'ok').verdict()).toEqual({})
  })
})

describe('the judge finds', () => {
  test.each([
    'session',
    'logout',
    'user',
    'everywhere',
    'disabled',
    'password',
    'everyone',
    'jti',
    'key',
    'permissions',
  ])('a token that is taken after the end of its %s, here or anywhere when it is due', (kind) => {
    expect(story().end(2, kind).show(3, 0, 'ok').verdict()).toEqual({ missed: 1 })
    expect(story().end(2, kind).show(8, 1, 'ok').verdict()).toEqual({ missed: 1 })
  })

  test('a token that was signed with a key after the end of that key', () => {
    expect(story().end(2, 'key').show(8, 1, 'ok', '', { start: 4000, end: 4100 }).verdict()).toEqual({ missed: 1 })
  })

  test('a token that is taken by a server that was stopped for longer than the bound, although it is not due', () => {
    const told = () => story().stop(1, 9).end(8, 'logout', { by: 0 })
    expect(told().show(8.9, 1, 'ok').verdict()).toEqual({ behind: 1 })
    expect(told().show(8.9, 2, 'ok').verdict()).toEqual({})
    expect(story('deny').stop(1, 9).end(8, 'logout').show(8.9, 1, 'ok').verdict()).toEqual({ behind: 1 })
  })

  test('a token that is refused though nobody ended it, or something else, or for another reason', () => {
    expect(
      story()
        .show(1, 1, ...revoked)
        .verdict(),
    ).toEqual({ wronged: 1 })
    expect(
      story()
        .end(2, 'session', { session: 'other' })
        .show(3, 1, ...revoked)
        .verdict(),
    ).toEqual({ wronged: 1 })
    expect(
      story()
        .end(2, 'user', { user: 'bob' })
        .show(3, 1, ...revoked)
        .verdict(),
    ).toEqual({ wronged: 1 })
    expect(
      story()
        .end(2, 'permissions')
        .show(3, 1, ...revoked)
        .verdict(),
    ).toEqual({ wronged: 1 })
    expect(story().end(2, 'logout').show(3, 1, 'refused', 'token_invalid').verdict()).toEqual({ wronged: 1 })
  })

  test('a login right after the end of the same user, that is refused', () => {
    const later = { start: 2600, end: 2700 }
    expect(
      story()
        .end(2, 'user')
        .show(3, 1, ...revoked, later)
        .verdict(),
    ).toEqual({ wronged: 1 })
  })

  test('503 where the store can be asked, and an answer that is none', () => {
    expect(story().show(1, 1, 'unavailable').verdict()).toEqual({ unavailable: 1 })
    expect(story('deny').stop(1, 9).show(20, 1, 'unavailable').verdict()).toEqual({ unavailable: 1 })
    expect(story().show(1, 1, 'lost').verdict()).toEqual({ odd: 1 })
    expect(story().end(1, 'user', { outcome: 'unavailable' }).verdict()).toEqual({ unavailable: 1 })
    expect(story().end(1, 'user', { outcome: 'lost' }).verdict()).toEqual({ odd: 1 })
  })
})
