/** The judge itself is judged: histories with one planted fault each, and the honest ones that look most like them. */
import { describe, expect, test } from 'vitest'
import { judge } from './judge.mjs'

const GRACE = 40

type Outcome = 'ok' | 'refused' | 'unavailable' | 'lost' | 'unsent' | string

/** One session of ann, whose tokens are t0, t1, ...; every question takes from its moment to a second later. */
function story() {
  const history = {
    logins: [] as object[],
    presentations: [] as object[],
    uses: [] as object[],
    endings: [] as object[],
  }
  const at = (moment: number, outcome: Outcome) => ({ start: moment * 1000, end: moment * 1000 + 1000, outcome })
  const told = {
    history,
    login: (moment: number, outcome: Outcome = 'ok', version = 0) =>
      add(history.logins, { ...at(moment, outcome), user: 'ann', version, session: 's', token: 't0' }),
    /** `present(3, 0, 'ok')` answers t1 for t0, as it should be. */
    present: (moment: number, generation: number, outcome: Outcome, more: object = {}) =>
      add(history.presentations, {
        ...at(moment, outcome),
        session: 's',
        token: `t${generation}`,
        successor: outcome === 'ok' ? `t${generation + 1}` : undefined,
        code: outcome === 'refused' ? 'session_revoked' : undefined,
        ...more,
      }),
    use: (moment: number, outcome: Outcome) => add(history.uses, { ...at(moment, outcome), session: 's' }),
    end: (moment: number, kind: string, outcome: Outcome, more: object = {}) =>
      add(history.endings, {
        ...at(moment, outcome),
        kind,
        user: 'ann',
        ...(kind === 'logout' && { session: 's' }),
        ...more,
      }),
    verdict: () => {
      const { findings: _, ...counts } = judge(history, { graceSeconds: GRACE })
      return Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0))
    },
  }
  const add = (list: object[], one: object) => {
    list.push(one)
    return told
  }
  return told
}

describe('a good history', () => {
  test('of rotations, double clicks and retries after lost answers breaks no rule', () => {
    const told = story().login(0).present(1, 0, 'ok').present(1, 0, 'ok').present(3, 0, 'ok')
    told.present(5, 1, 'lost').present(7, 1, 'unavailable').present(9, 1, 'ok').use(11, 'ok').present(13, 2, 'ok')
    expect(told.verdict()).toEqual({})
  })

  test('has refusals where somebody ended the session, even if the answer got lost', () => {
    expect(story().login(0).end(2, 'logout', 'lost').present(4, 0, 'refused').use(6, 'refused').verdict()).toEqual({})
    expect(story().login(0).end(2, 'everywhere', 'ok').present(4, 0, 'refused').verdict()).toEqual({})
    expect(
      story().login(0).end(0, 'password', 'unavailable', { version: 1 }).present(4, 0, 'refused').verdict(),
    ).toEqual({})
  })

  test('has refusals after somebody presented a token whose successor was in use', () => {
    const told = story()
      .login(0)
      .present(1, 0, 'ok')
      .present(3, 1, 'ok')
      .present(5, 0, 'refused')
      .present(7, 2, 'refused')
    expect(told.verdict()).toEqual({})
    const unanswered = story()
      .login(0)
      .present(1, 0, 'ok')
      .present(3, 1, 'ok')
      .present(5, 0, 'lost')
      .present(7, 2, 'refused')
    expect(unanswered.verdict()).toEqual({})
  })

  test('has a refusal where the second click came after the successor was in use', () => {
    const told = story().login(0).present(1, 0, 'ok').present(2.5, 1, 'ok')
    expect(told.present(1, 0, 'refused', { end: 4000, code: 'refresh_reused' }).verdict()).toEqual({})
  })

  test('has a refusal where the retry came after the grace period', () => {
    expect(
      story()
        .login(0)
        .present(1, 0, 'lost')
        .present(1 + GRACE, 0, 'refused')
        .verdict(),
    ).toEqual({})
  })

  test('has a password change that met another one', () => {
    const told = story().login(0).end(2, 'password', 'status 409', { spare: 's', version: 1 })
    expect(told.present(4, 0, 'ok').verdict()).toEqual({})
  })

  test('leaves a session alive that a password change spared, without its old access token', () => {
    const told = story()
      .login(0)
      .end(2, 'password', 'ok', { spare: 's', version: 1 })
      .present(4, 0, 'ok')
      .use(6, 'refused')
    expect(told.verdict()).toEqual({})
  })
})

describe('the judge finds', () => {
  test('a session that was lost: the honest owner is refused without a cause', () => {
    expect(story().login(0).present(1, 0, 'ok').present(3, 1, 'refused').present(5, 1, 'refused').verdict()).toEqual({
      lost: 1,
    })
    expect(story().login(0).present(1, 0, 'lost').present(3, 0, 'refused').verdict()).toEqual({ lost: 1 })
    expect(story().login(0).use(2, 'refused').verdict()).toEqual({ lost: 1 })
  })

  test('a session that was lost although an old token was presented: that one got a successor, so it did no harm', () => {
    const told = story().login(0).present(1, 0, 'ok', { end: 1500 }).present(1.6, 1, 'ok', { end: 1900 })
    told.present(1, 0, 'ok', { end: 2500 })
    expect(told.present(3, 2, 'refused').verdict()).toEqual({ lost: 1 })
  })

  test('a session that was lost although another was logged out', () => {
    const told = story().login(0).end(2, 'logout', 'ok', { session: 'another' })
    expect(told.present(4, 0, 'refused').verdict()).toEqual({ lost: 1 })
  })

  test('a session that an ending before its login took along', () => {
    expect(story().end(0, 'everywhere', 'ok').login(2).present(4, 0, 'refused').verdict()).toEqual({ lost: 1 })
  })

  test('a false reuse: a retry is taken for a thief', () => {
    const told = story().login(0).present(1, 0, 'lost').present(3, 0, 'refused', { code: 'refresh_reused' })
    expect(told.verdict()).toEqual({ falseReuse: 1 })
  })

  test('a fork: two successors of one token', () => {
    const told = story().login(0).present(1, 0, 'ok').present(1, 0, 'ok', { successor: 'another' })
    expect(told.verdict()).toEqual({ forks: 1 })
  })

  test('a fork: an old token is taken after its successor was used, or after the grace period', () => {
    const told = story().login(0).present(1, 0, 'ok').present(3, 1, 'ok')
    expect(told.present(5, 0, 'ok').verdict()).toEqual({ forks: 1 })
    const late = story().login(0).present(1, 0, 'ok')
    expect(late.present(6 + GRACE, 0, 'ok').verdict()).toEqual({ forks: 1 })
  })

  test('a session that rises again after a logout, an ending of all, a password change or a reuse', () => {
    expect(story().login(0).end(2, 'logout', 'ok').present(4, 0, 'ok').verdict()).toEqual({ resurrected: 1 })
    expect(story().login(0).end(2, 'logout', 'ok').use(4, 'ok').verdict()).toEqual({ resurrected: 1 })
    expect(story().login(0).end(2, 'everywhere', 'ok').present(4, 0, 'ok').verdict()).toEqual({ resurrected: 1 })
    const changed = story().login(0).end(2, 'password', 'ok', { spare: 'another', version: 1 })
    expect(changed.present(4, 0, 'ok').verdict()).toEqual({ resurrected: 1 })
    const reused = story().login(0).present(1, 0, 'ok').present(3, 1, 'ok').present(5, 0, 'refused')
    expect(reused.present(7, 2, 'ok').verdict()).toEqual({ resurrected: 1 })
  })

  test('an old password that is good again, and one that stands and is refused', () => {
    const changed = { spare: 's', version: 1 }
    expect(story().end(0, 'password', 'ok', changed).login(2, 'ok', 0).verdict()).toEqual({ resurrected: 1 })
    expect(story().end(0, 'password', 'ok', changed).login(2, 'refused', 1).verdict()).toEqual({ lost: 1 })
    expect(story().end(0, 'password', 'lost', changed).login(2, 'refused', 0).login(4, 'ok', 1).verdict()).toEqual({})
  })

  test('an answer that is none of the four', () => {
    expect(story().login(0).present(1, 0, 'status 500').verdict()).toEqual({ odd: 1 })
    expect(story().login(0).present(1, 0, 'status 409').verdict()).toEqual({ odd: 1 })
    expect(story().login(0).present(1, 0, 'ok', { successor: undefined }).verdict()).toMatchObject({ odd: 1 })
  })
})
