/** What no broken store shows of the race's judge: histories with one planted fork each, and the honest ones beside them. */
import { expect, test } from 'vitest'
import { newHistory } from './crowd/history.js'
import { judge } from './crowd/judge.js'

/** Presentations of `token -> successor`, one second after the other, in the session of one login. */
function told(...presentations: readonly string[]) {
  const history = newHistory()
  const asked = (second: number) => ({ start: second, end: second + 0.5, at: 0, outcome: 'ok' })
  history.logins.push({ ...asked(0), user: 'ann', version: 0, session: 's' })
  for (const [index, presentation] of presentations.entries()) {
    const [token = '', successor] = presentation.split(' -> ')
    const refusal = { outcome: 'refused', code: 'refresh_reused' }
    history.renewals.push({ ...asked(index + 1), ...(!successor && refusal), session: 's', token, successor })
  }
  return judge(history, 0).map(({ rule }) => rule)
}

test('rotations, retries and a thief who is found break no rule', () => {
  expect(told('t0 -> t1', 't0 -> t1', 't1 -> t2', 't2 -> t3')).toEqual([])
  expect(told('t0 -> t1', 't1 -> t2', 't0')).toEqual([])
})

test('two successors of one token are a fork', () => {
  expect(told('t0 -> t1', 't0 -> other')).toEqual(['forked'])
})

test('a token that is taken after its successor was used is a fork', () => {
  expect(told('t0 -> t1', 't1 -> t2', 't0 -> t1')).toEqual(['forked'])
})

test('a session that goes on after a reuse was found is one that refreshes after its end', () => {
  expect(told('t0 -> t1', 't1 -> t2', 't0', 't2 -> t3')).toEqual(['refreshed after its end'])
})

test('a retry that is called reuse is a session that got lost', () => {
  expect(told('t0 -> t1', 't0')).toEqual(['lost'])
})
