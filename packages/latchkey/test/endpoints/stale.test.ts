/** Permissions in tokens: outdated at once when they change, and mended by a refresh without a login. */
import { expect, test } from 'vitest'
import { createAuth, permission } from '../../src/index.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { cluster } from '../revocation/cut-kit.js'

const carrying = { claims: (user: { permissions?: readonly string[] }) => ({ permissions: user.permissions ?? [] }) }
const mayRead = permission('posts:read')
const mayWrite = permission('posts:write')

/** A client as ours is: it refreshes on `token_stale`, once, and asks again. */
function client({ call, auth }: Awaited<ReturnType<typeof cluster>>['first'], tokens: Tokens) {
  const told: string[] = []
  let current = tokens
  return { told, ask }

  async function ask(guard: typeof mayRead): Promise<string> {
    const first = await once(guard)
    if (first !== 'token_stale') return first
    told.push(first)
    const { status, body } = await call('POST', '/auth/refresh', { body: { refresh_token: current.refresh_token } })
    if (status !== 200) return body.code
    current = body
    return once(guard)
  }

  async function once(guard: typeof mayRead): Promise<string> {
    const header = (name: string) => (name === 'authorization' ? `Bearer ${current.access_token}` : undefined)
    try {
      const { context, failure } = await auth.authenticate({ method: 'GET', header })
      if (failure) throw failure
      await guard(context)
      return 'done'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
}
type Tokens = { access_token: string; refresh_token: string }

test('a client with outdated permissions refreshes and goes on, up or down, without a login', async () => {
  const { first, user, login } = await cluster(carrying)
  const { ask, told } = client(first, await login())
  expect([await ask(mayRead), await ask(mayWrite)]).toEqual(['done', 'permission_denied'])
  await first.auth.users.grant(user.id, ['posts:write'])
  expect([await ask(mayWrite), await ask(mayRead)]).toEqual(['done', 'done'])
  await first.auth.users.take(user.id, ['posts:read'])
  expect([await ask(mayRead), await ask(mayWrite)]).toEqual(['permission_denied', 'done'])
  expect(told).toEqual(['token_stale', 'token_stale'])
})

test('a token with outdated permissions is good for nothing until it is refreshed: which of them still hold, it cannot know', async () => {
  const { first, user, login } = await cluster(carrying)
  const { access_token } = await login()
  await first.auth.users.take(user.id, ['posts:read'])
  expect(await first.verify(access_token)).toBe('token_stale')
})

test('a change that races a refresh is never lost: the token that missed it is outdated from the start', async () => {
  const { first, stores, user, login } = await cluster(carrying)
  const { refresh_token } = await login()
  const { findById } = stores.users
  // The refresh reads the user, and the permission is taken before it signs.
  const read = async (id: string) => {
    const found = await findById(id)
    Object.assign(stores.users, { findById })
    await first.auth.users.take(user.id, ['posts:read'])
    return found
  }
  Object.assign(stores.users, { findById: read })
  const { tokens } = await first.auth.tokens.refresh(refresh_token)
  expect(await first.verify(tokens.access)).toBe('token_stale')
})

test('permissions of a table of your own are outdated by `auth.revoke({ permissions })`', async () => {
  const row = { id: 'u1', username: 'ann', permissions: ['posts:read'] as readonly string[] }
  const users = { findById: async () => row, findByLogin: async () => undefined }
  const auth = createAuth({ issuer: ISSUER, secret: SECRET, database: 'memory', users, ...carrying })
  const before = await auth.tokens.issue(row)
  row.permissions = []
  await auth.revoke({ permissions: 'u1' })
  await expect(auth.tokens.verify(before.access)).rejects.toMatchObject({ code: 'token_stale' })
  const { tokens } = await auth.tokens.refresh(before.refresh as string)
  expect((await auth.tokens.verify(tokens.access)).claims.permissions).toEqual([])
})
