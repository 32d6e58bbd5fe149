/** The truth table of a presented refresh token. */
import { expect, test } from 'vitest'
import type { FoundSession, Session } from '../../src/stores/port.js'
import { decide, type Verdict } from '../../src/tokens/decide.js'

const NOW = 10_000
const GRACE = 10

const session: Session = {
  id: 'sid',
  userId: 'user',
  stamp: 1,
  seed: 'seed',
  generation: 5,
  secretId: 'secret',
  previousSecretId: null,
  rotatedAt: NOW - 100,
  createdAt: 0,
  authenticatedAt: 0,
  lastSeenAt: NOW - 100,
  expiresAt: NOW + 1_000,
  idleSeconds: 500,
  endedAt: null,
  endedBy: null,
  device: null,
  address: null,
  scope: null,
}

const found = (patch: Partial<Session>, dead = false): FoundSession => ({
  session: { ...session, ...patch },
  stamp: 9,
  dead,
  now: NOW,
})

const table: readonly [string, FoundSession, number, Verdict][] = [
  ['the current generation rotates', found({}), 5, 'rotate'],
  ['the predecessor within the grace period gets the same successor', found({ rotatedAt: NOW - GRACE }), 4, 'grace'],
  ['the predecessor a second after the grace period is reuse', found({ rotatedAt: NOW - GRACE - 1 }), 4, 'reused'],
  ['a clock that stepped back two seconds still counts as grace', found({ rotatedAt: NOW + 2 }), 4, 'grace'],
  ['a rotation from further in the future is no grace', found({ rotatedAt: NOW + 3 }), 4, 'reused'],
  ['the grandparent is reuse within the grace period (case 140)', found({ rotatedAt: NOW }), 3, 'reused'],
  ['the first token is reuse at any age', found({ rotatedAt: NOW }), 0, 'reused'],
  ['a generation that the database does not know yet means it went back', found({}), 6, 'rewound'],
  ['an ended session is ended, whatever is presented', found({ endedAt: NOW - 1 }), 5, 'revoked'],
  ['a session under an epoch is ended', found({}, true), 5, 'revoked'],
  ['an ended session is not ended again by its old tokens', found({ endedAt: NOW - 1 }), 1, 'revoked'],
  ['the absolute end is exclusive', found({ expiresAt: NOW }), 5, 'expired'],
  ['a second before the absolute end the session lives', found({ expiresAt: NOW + 1 }), 5, 'rotate'],
  ['an idle session ends', found({ lastSeenAt: NOW - 500 }), 5, 'expired'],
  ['a second before it idles out the session lives', found({ lastSeenAt: NOW - 499 }), 5, 'rotate'],
  ['an old token of an expired session is expired, not reuse', found({ expiresAt: NOW }), 1, 'expired'],
]

test.each(table)('%s', (_promise, facts, generation, verdict) => {
  expect(decide(facts, generation, GRACE)).toBe(verdict)
})
