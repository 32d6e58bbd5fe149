/** `latchkey groups` as text, as JSON and by its exit code; what it changes, tokens from before feel. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from './cli-kit.js'

const { dev, cli } = cliKit(afterAll)
beforeAll(async () => {
  for (const name of ['alice', 'bob']) await dev(`users add ${name} --no-password`)
})

const json = async (line: string) => (await dev(`${line} --json`)).value

describe('latchkey groups', () => {
  test('create, allow and deny answer the group as it is then', async () => {
    const made = await dev('groups create editors --permission posts:write posts:read')
    expect(made).toMatchObject({ exit: EXIT.ok, out: 'editors was made.\n', err: '' })
    const group = { name: 'editors', createdAt: expect.any(Number) }
    expect(await json('groups allow editors hr:read posts:write')).toEqual({
      ...group,
      permissions: ['posts:write', 'posts:read', 'hr:read'],
    })
    expect((await dev('groups deny editors hr:read')).out).toBe('editors has no longer hr:read.\n')
    expect(await json('groups list')).toEqual({ groups: [{ ...group, permissions: ['posts:write', 'posts:read'] }] })
    expect((await dev('groups list')).out).toMatch(
      /^GROUP +PERMISSIONS +SINCE\neditors +posts:write posts:read +20.*Z\n$/,
    )
  })

  test('add and remove take several users, and users list shows what became of them', async () => {
    expect((await dev('groups add editors alice BOB')).out).toBe('alice, bob: in editors.\n')
    expect(await json('groups members editors')).toEqual({
      group: 'editors',
      members: ['alice', 'bob'].map((username) => ({ id: expect.any(String), username, active: true })),
    })
    expect((await dev('groups members editors')).out).toBe('USER   STATE\nalice  active\nbob    active\n')
    const rights = { permissions: ['posts:write', 'posts:read'], granted: [], groups: ['editors'] }
    expect(await json('users list')).toMatchObject({ users: [{ username: 'alice', ...rights }, rights] })
    expect(await json('groups remove editors bob bob')).toMatchObject({ group: 'editors', member: false })
    expect(await json('groups members editors')).toMatchObject({ members: [{ username: 'alice' }] })
  })

  test('a token from before is refused until it is refreshed', async () => {
    const token = (await dev('token issue --user alice')).out.trim()
    expect((await dev(`token verify ${token}`)).exit).toBe(EXIT.ok)
    await dev('groups remove editors alice')
    const { exit, value } = await dev(`token verify ${token} --json`)
    expect([exit, value]).toMatchObject([EXIT.failed, { error: { code: 'token_stale' } }])
  })

  test('delete says so, and a name may stand for another group then', async () => {
    await dev('groups add editors alice')
    expect((await dev('groups delete editors')).out).toBe('editors is deleted, and nobody is in it any more.\n')
    await cli(['groups', 'create', 'editors', '--dev'])
    expect(await json('groups members editors')).toEqual({ group: 'editors', members: [] })
  })

  test.each<[readonly string[], number, string]>([
    [['create'], EXIT.usage, 'usage'],
    [['create', 'editors'], EXIT.failed, 'conflict'],
    [['create', ''], EXIT.failed, 'request_invalid'],
    [['create', ' staff'], EXIT.failed, 'request_invalid'],
    [['create', 'a\u001b[2Jb'], EXIT.failed, 'request_invalid'],
    [['create', 'x'.repeat(151)], EXIT.failed, 'request_invalid'],
    [['create', 'staff', '--permission', 'no!'], EXIT.failed, 'request_invalid'],
    [['allow', 'editors'], EXIT.usage, 'usage'],
    [['allow', 'editors', 'a b'], EXIT.failed, 'request_invalid'],
    [['allow', 'nothing', 'a:b'], EXIT.failed, 'not_found'],
    [['deny', 'nothing', 'a:b'], EXIT.failed, 'not_found'],
    [['delete', 'nothing'], EXIT.failed, 'not_found'],
    [['members', 'nothing'], EXIT.failed, 'not_found'],
    [['add', 'editors'], EXIT.usage, 'usage'],
    [['add', 'nothing', 'alice'], EXIT.failed, 'not_found'],
    [['add', 'editors', 'bob', 'nobody'], EXIT.failed, 'not_found'],
    [['remove', 'editors', '\u001b[2J'], EXIT.failed, 'not_found'],
    [['remove', 'nothing', 'alice'], EXIT.failed, 'not_found'],
  ])('%j ends with %d', async (words, exit, code) => {
    const ended = await cli(['groups', ...words, '--dev', '--json'])
    expect([ended.exit, (ended.value as { error: { code: string } }).error.code]).toEqual([exit, code])
    const text = await cli(['groups', ...words, '--dev'])
    expect([text.exit, text.out]).toEqual([exit, ''])
    expect(text.err).not.toContain('\u001b[2J')
    expect(text.err).not.toContain('\n    at ')
  })

  test('a name that was misspelt leaves everybody where they were', async () => {
    expect(await json('groups members editors')).toEqual({ group: 'editors', members: [] })
  })
})
