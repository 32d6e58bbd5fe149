/** What is told of refused tokens: to listeners, and only of those that an issuer made. */
import { expect, test } from 'vitest'
import type { EventMap } from '../../src/index.js'
import { headOf } from '../../src/transport/head.js'
import { ISSUER, signedIn } from '../auth-kit.js'

test('a listener learns the claims of a genuine token that was refused, and none of a forged one', async () => {
  const { auth, clock, tokens, user } = await signedIn()
  const rejected: EventMap['token.rejected'][] = []
  auth.events.on('token.rejected', (event) => void rejected.push(event))
  clock.now += 300
  const forged = `${tokens.access_token.slice(0, -8)}AAAAAAAA`
  for (const token of [tokens.access_token, forged]) {
    await auth.authenticate(headOf(new Request(ISSUER, { headers: { authorization: `Bearer ${token}` } })))
  }
  await new Promise((done) => setImmediate(done))
  expect(rejected.map(({ error, claims }) => [error.code, claims?.sub])).toEqual([
    ['token_expired', user.id],
    ['token_invalid', undefined],
  ])
  expect(JSON.stringify(rejected[0]?.error)).not.toContain(user.id)
})
