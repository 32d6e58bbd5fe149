/** A commit that took place and whose answer got lost on the way: 503, and the retry finds what the first try did (case 145). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD } from '../auth-kit.js'
import { postgresDatabase } from '../services/postgres.js'
import { place, type Server } from './kit.js'

let here: Awaited<ReturnType<typeof place>>
let database: string
beforeAll(async () => {
  database = await postgresDatabase('lost answers')
  here = await place(database)
})
afterAll(() => here.end())

async function signedIn({ auth }: Server, username: string) {
  const { access, refresh } = await auth.tokens.issue(await auth.users.create({ username, password: PASSWORD }))
  return { access, refresh }
}
const said = ({ status, code }: { status: number; code: string | undefined }) => [status, code]

test('the retry of such a rotation gets the same successor, on every replica, and is no reuse', async () => {
  const [first, second] = [await here.server(), await here.server()]
  const { refresh } = await signedIn(first, 'ann')
  const present = ({ call }: Server, refresh_token: string | undefined) =>
    call('POST', '/auth/refresh', { body: { refresh_token } })
  const lost = here.toPostgres.loseAnswerTo('update "latchkey_sessions"')
  expect(said(await present(first, refresh))).toEqual([503, 'store_failed'])
  await lost
  const [one, other] = [await present(first, refresh), await present(second, refresh)]
  expect([one.status, other.status]).toEqual([200, 200])
  expect(one.body.refresh_token).toBe(other.body.refresh_token)
  // It was done before: a generation further, the first try would be a second thief.
  expect((await present(second, one.body.refresh_token)).status).toBe(200)
  expect(said(await present(first, refresh))).toEqual([401, 'refresh_reused'])
})

test.each([
  ['a logout', '/auth/logout'],
  ['a logout everywhere', '/auth/logout/everywhere'],
] as const)('%s is not acknowledged, has happened all the same, and may be asked for again', async (name, path) => {
  const { auth, call } = await here.server()
  const { access, refresh } = await signedIn({ auth, call }, name.replaceAll(' ', '-'))
  const lost = here.toPostgres.loseAnswerTo('commit')
  expect(said(await call('POST', path, { token: access }))).toEqual([503, 'store_failed'])
  await lost
  expect(said(await call('POST', '/auth/refresh', { body: { refresh_token: refresh } }))).toEqual([
    401,
    'session_revoked',
  ])
  // Either this process has read by now that it is over, or it does so before it answers.
  const again = await call('POST', path, { token: access })
  expect([204, 401]).toContain(again.status)
  expect(said(await call('GET', '/app', { token: access }))).toEqual([401, 'token_revoked'])
})

test('a password that was changed this way is the only one that is good, and whoever asks again ends the other sessions', async () => {
  const { auth, call } = await here.server()
  const { access } = await signedIn({ auth, call }, 'hal')
  const next = `${PASSWORD} and another`
  const login = (password: string) => call('POST', '/auth/login', { body: { username: 'hal', password } })
  const thief = (await login(PASSWORD)).body
  const change = (current_password: string) =>
    call('POST', '/auth/password', { token: access, body: { current_password, new_password: next } })
  const lost = here.toPostgres.loseAnswerTo('commit', 'update "latchkey_users"')
  expect(said(await change(PASSWORD))).toEqual([503, 'store_failed'])
  await lost
  expect([(await login(PASSWORD)).status, (await login(next)).status]).toEqual([401, 200])
  expect((await change(PASSWORD)).status).toBe(200)
  const stolen = await call('POST', '/auth/refresh', { body: { refresh_token: thief.refresh_token } })
  expect(said(stolen)).toEqual([401, 'session_revoked'])
})

test('who knows neither the password that stands nor the one that he asks for changes nothing', async () => {
  const { auth, call } = await here.server()
  const { access, refresh } = await signedIn({ auth, call }, 'ida')
  const body = { current_password: 'wrong', new_password: 'also not the one that stands' }
  expect(said(await call('POST', '/auth/password', { token: access, body }))).toEqual([401, 'login_failed'])
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: refresh } })).status).toBe(200)
})
