/** The forum signs in the members of its own table; their type reaches the handler, and the README is run as it stands. */
import type { AddressInfo } from 'node:net'
import { testAuth } from 'latchkey/testing'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { listen, people } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { forum } from '../src/app.js'
import { createMemberAuth } from '../src/auth.js'
import { openMembers } from '../src/members.js'

const members = openMembers(':memory:')
const auth = createMemberAuth(members, 'memory', 'a-secret-of-the-forum-for-its-tests-only')
let base: string
let stop: () => void

beforeAll(async () => {
  for (const { username, email, password, active, admin } of people) {
    const roles = admin ? 'admin' : ''
    await members.add({ nick: username, mail: email, password, is_blocked: active === false ? 1 : 0, roles })
  }
  const server = await listen(forum(auth), { port: 0, host: '127.0.0.1' })
  base = `http://localhost:${(server.address() as AddressInfo).port}`
  stop = () => void server.close()
})
afterAll(() => {
  stop()
  members.close()
})

test('the user in a handler has the type of the table, without a cast', () => {
  type Member = Awaited<ReturnType<NonNullable<ReturnType<typeof auth.of>>['user']>>
  expectTypeOf<Member['memberNo']>().toEqualTypeOf<number>()
  expectTypeOf<Member['email']>().toEqualTypeOf<string>()
})

test('what the README says is what happens', async () => {
  expect(await followReadme(new URL('../README.md', import.meta.url), base)).toBe(3)
})

test('a changed password stands in the table that was there before', async () => {
  const post = async (path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    return fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })
  }
  const credentials = { username: 'bob', password: 'password' }
  const { access_token } = (await (await post('/auth/login', credentials)).json()) as { access_token: string }
  const before = members.byNickOrMail('bob')?.pw
  const change = { current_password: 'password', new_password: 'a better password' }
  expect((await post('/auth/password', change, access_token)).status).toBe(200)
  expect(members.byNickOrMail('bob')?.pw).not.toBe(before)
  expect((await post('/auth/login', credentials)).status).toBe(401)
  expect((await post('/auth/login', { ...credentials, password: 'a better password' })).status).toBe(200)
})

test('the forum lets in no defective token, by any of its routes', async () => {
  const { as, defective, attack } = testAuth(auth)
  const root = members.byNickOrMail('root')
  const editor = await as({ sub: String(root?.member_no), permissions: ['posts:*'] })
  const response = await fetch(`${base}/drafts`, { headers: editor.headers })
  expect(await response.json()).toEqual(['Which hash do you use?'])

  const expired = await defective('expired', { sub: '1' })
  const refused = (await (await fetch(`${base}/drafts`, { headers: expired.headers })).json()) as { code: string }
  expect(refused.code).toBe('token_expired')

  const report = await attack(forum(auth), ['GET /member', 'GET /drafts', 'GET /auth/me'], { as: editor })
  report.expectNothingLetIn()
})
