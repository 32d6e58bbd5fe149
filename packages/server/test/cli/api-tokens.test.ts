/** `latchkey tokens` as text, as JSON and by its exit code; what it prints lets a script into the server. */
import { cpSync, rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { loadConfig } from '../../src/config/load.js'
import { openAuth } from '../../src/config/open.js'
import { cliKit } from './cli-kit.js'

const DAY = 86_400
const now = () => Math.floor(Date.now() / 1000)

interface Made {
  readonly id: string
  readonly token: string
  readonly expiresAt: number | null
}

/** The status of `GET /auth/me` at a server over the folder, by `Bearer`. */
async function enter(folder: string, token: string): Promise<number> {
  const auth = openAuth(loadConfig({ dev: true }, { env: {}, cwd: folder }), now)
  try {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await auth.handle(new Request('http://localhost/auth/me', { headers }), { address: undefined })
    return answer?.status ?? 0
  } finally {
    await auth.close()
  }
}

describe('latchkey tokens', () => {
  const { dev, cli, folder } = cliKit(afterAll)
  let made: Made

  test('create prints the token and nothing else, and the server takes it', async () => {
    await dev('users add alice --no-password --permission posts:*')
    const { exit, out, err } = await dev('tokens create alice --name build')
    expect([exit, err]).toEqual([
      EXIT.ok,
      expect.stringMatching(/^id [\w-]{22}, expires 20.*Z\. It cannot be shown again\.\n$/),
    ])
    expect(out).toMatch(/^lk_[\w-]{72}\n$/)
    expect(await enter(folder, out.trim())).toBe(200)
    expect(await enter(folder, `${out.trim()}A`)).toBe(401)
  })

  test('create takes what it is limited to and when it expires, and answers JSON', async () => {
    const line = 'tokens create ALICE --name nightly --permission posts:read posts:write --expires 30d --json'
    const { exit, value, err } = await dev(line)
    expect([exit, err]).toEqual([EXIT.ok, ''])
    made = value as Made
    expect(value).toEqual({
      id: expect.any(String),
      token: expect.stringMatching(/^lk_/),
      userId: expect.any(String),
      name: 'nightly',
      permissions: ['posts:read', 'posts:write'],
      createdAt: expect.any(Number),
      expiresAt: (value as { createdAt: number }).createdAt + 30 * DAY,
      lastUsedAt: null,
      revokedAt: null,
      active: true,
    })
    const never = await dev('tokens create alice --name for-ever --expires never --json')
    expect((never.value as Made).expiresAt).toBe(null)
  })

  test.each([
    ['tokens create nobody --name x', EXIT.failed, 'not_found'],
    ['tokens create alice', EXIT.usage, 'usage'],
    ['tokens create --name x', EXIT.usage, 'usage'],
    ['tokens create alice --name x --expires soon', EXIT.failed, 'request_invalid'],
    ['tokens create alice --name x --permission no!', EXIT.failed, 'request_invalid'],
    ['tokens list nobody', EXIT.failed, 'not_found'],
    ['tokens revoke', EXIT.usage, 'usage'],
    ['tokens revoke nobody', EXIT.failed, 'not_found'],
  ])('%s ends with %d', async (line, exit, code) => {
    const ended = await dev(`${line} --json`)
    expect([ended.exit, (ended.value as { error: { code: string } }).error.code]).toEqual([exit, code])
    expect((await dev(line)).exit).toBe(exit)
  })

  test('list shows all of them, or those of a user, and no secret', async () => {
    await dev('users add bob --no-password')
    await cli(['tokens', 'create', 'bob', '--name', 'of\tbob', '--dev']).then(({ exit }) =>
      expect(exit).toBe(EXIT.failed),
    )
    await dev('tokens create bob --name other')
    const { exit, out } = await dev('tokens list')
    expect(exit).toBe(EXIT.ok)
    expect(out).toMatch(/^TOKEN +USER +NAME +PERMISSIONS +STATE +SINCE +EXPIRES +LAST USED\n/)
    expect(out).toMatch(/alice +nightly +posts:read posts:write +active +20/)
    expect(out).toMatch(/alice +for-ever +all +active +20\S+ \S+ +never/)
    const { tokens } = (await dev('tokens list bob --json')).value as { tokens: object[] }
    expect(tokens).toEqual([expect.objectContaining({ name: 'other', active: true })])
    expect(JSON.stringify(tokens)).not.toMatch(/hash|lk_/)
  })

  test('revoke ends a token at the server, and may be repeated', async () => {
    expect(await enter(folder, made.token)).toBe(200)
    const { exit, out } = await dev(`tokens revoke ${made.id}`)
    expect([exit, out]).toEqual([EXIT.ok, expect.stringMatching(/^The API token has ended: everywhere by 20.*Z\.\n$/)])
    expect(await enter(folder, made.token)).toBe(401)
    const again = await dev(`tokens revoke ${made.id} --json`)
    expect(again.value).toEqual({ revoked: made.id, effectiveBy: expect.any(Number) })
    expect((await dev('tokens list alice')).out).toMatch(/nightly .* revoked /)
  })

  test('an expired token is listed as such', async () => {
    const later = () => now() + 100 * DAY
    expect((await dev('tokens list alice', { now: later })).out).toMatch(/build +all +expired /)
  })

  test('restore ends those that a backup brought back to life', async () => {
    const { id, token } = (await dev('tokens create alice --name lost --expires never --json')).value as Made
    cpSync(`${folder}/latchkey-data`, `${folder}/backup`, { recursive: true })
    await dev(`tokens revoke ${id}`)
    rmSync(`${folder}/latchkey-data`, { recursive: true })
    cpSync(`${folder}/backup`, `${folder}/latchkey-data`, { recursive: true })
    // This is what the command is for.
    expect(await enter(folder, token)).toBe(200)
    const { exit, out } = await dev('restore')
    expect([exit, out]).toEqual([EXIT.ok, expect.stringContaining('every API token')])
    expect(await enter(folder, token)).toBe(401)
    expect((await dev('tokens list alice')).out).toMatch(/lost +all +ended /)
    const next = (await dev('tokens create alice --name next --json')).value as Made
    expect(await enter(folder, next.token)).toBe(200)
  })
})
