/** Every command as text, as JSON and by its exit code, over one SQLite file. */
import { cpSync, readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from './cli-kit.js'

const PASSWORD = 'correct horse battery'
const NOBODY = /^latchkey: There is no user called nobody\.\n$/

describe('users, sessions, tokens and keys', () => {
  const { cli, dev } = cliKit(afterAll)
  let token = ''
  let session = ''

  test('users add makes users who can log in, administrators among them', async () => {
    const line = 'users add alice --email alice@example.com --permission posts:write posts:read --password-stdin'
    const { exit, out, err } = await dev(line, { stdin: `${PASSWORD}\n` })
    expect([exit, out, err]).toEqual([EXIT.ok, 'alice was added.\n', ''])
    const root = await dev('users add root --admin --password-stdin --json', { stdin: PASSWORD })
    expect(root.value).toMatchObject({ username: 'root', admin: true, active: true, permissions: [] })
    expect((await dev('users add robot --no-password')).exit).toBe(EXIT.ok)
  })

  test('users add refuses what is taken, weak or said on the command line', async () => {
    const again = await dev('users add ALICE --password-stdin --json', { stdin: PASSWORD })
    expect([again.exit, again.value]).toEqual([
      EXIT.failed,
      { error: { code: 'conflict', message: expect.any(String) } },
    ])
    const weak = await dev('users add bob --password-stdin', { stdin: 'bob' })
    expect([weak.exit, weak.err]).toEqual([EXIT.failed, expect.stringMatching(/password: At least 8 characters/)])
    const argument = await dev('users add bob --password secret')
    expect([argument.exit, argument.err]).toEqual([EXIT.usage, expect.stringContaining('unknown option')])
    const nobody = await dev('users add bob')
    expect([nobody.exit, nobody.err]).toEqual([EXIT.usage, expect.stringContaining('--password-stdin')])
  })

  test('users list shows all of them', async () => {
    const { exit, out } = await dev('users list')
    expect(exit).toBe(EXIT.ok)
    expect(out).toMatch(
      /^USER +EMAIL +STATE +ROLE +PERMISSIONS +GROUPS +SINCE +LAST LOGIN\nalice +alice@example\.com +active +posts:write posts:read/,
    )
    const { users } = (await dev('users list --json')).value as { users: object[] }
    expect(users).toHaveLength(3)
    expect(users[0]).toEqual({
      id: expect.any(String),
      username: 'alice',
      email: 'alice@example.com',
      active: true,
      admin: false,
      permissions: ['posts:write', 'posts:read'],
      granted: ['posts:write', 'posts:read'],
      groups: [],
      createdAt: expect.any(Number),
      lastLoginAt: null,
      attributes: {},
    })
  })

  test('users grant gives permissions and takes them away', async () => {
    expect((await dev('users grant alice hr:read')).out).toBe('alice has hr:read.\n')
    const taken = await dev('users grant alice posts:read hr:read --take --json')
    expect(taken.value).toMatchObject({ permissions: ['posts:write'] })
    expect((await dev('users grant alice no/thing!')).exit).toBe(EXIT.failed)
    expect((await dev('users grant nobody x:y')).err).toMatch(NOBODY)
    expect((await dev('users grant alice')).exit).toBe(EXIT.usage)
  })

  test('token issue prints a token and nothing else, with the scope it was asked for', async () => {
    const { exit, out, err } = await dev('token issue --user alice')
    expect([exit, err]).toEqual([EXIT.ok, expect.stringMatching(/^expires .* session /)])
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const scoped = await cli(['token', 'issue', '--user', 'alice', '--scope', 'a b', '--dev', '--json'])
    const value = scoped.value as { accessToken: string; sessionId: string; scope: string }
    expect(value).toMatchObject({ scope: 'a b', refreshToken: expect.any(String), accessExpiresAt: expect.any(Number) })
    token = value.accessToken
    session = value.sessionId
    expect((await dev('token issue --user nobody')).err).toMatch(NOBODY)
    expect((await dev('token issue')).exit).toBe(EXIT.usage)
  })

  test('token verify tells the claims of a good token, from the argument or from stdin', async () => {
    const good = await dev(`token verify ${token}`)
    expect([good.exit, good.out]).toEqual([EXIT.ok, expect.stringMatching(/^Good until .*Z\.\n\{/)])
    const piped = await dev('token verify --json', { stdin: `${token}\n` })
    expect(piped.value).toMatchObject({ active: true, claims: { sid: session, scope: 'a b' } })
    const bad = await dev('token verify garbage --json')
    expect([bad.exit, bad.value]).toEqual([EXIT.failed, { error: expect.objectContaining({ code: 'token_invalid' }) }])
    expect((await dev('token verify -', { stdin: 'garbage' })).err).toContain('The token is not valid.')
  })

  test('sessions list shows the living sessions of a user and nothing that helps a thief', async () => {
    const { exit, out } = await dev('sessions list alice')
    expect([exit, out]).toEqual([EXIT.ok, expect.stringMatching(/^SESSION +SINCE +LAST SEEN +ENDS/)])
    const { sessions } = (await dev('sessions list alice --json')).value as { sessions: { id: string }[] }
    expect(sessions.map(({ id }) => id)).toContain(session)
    expect(JSON.stringify(sessions)).not.toMatch(/seed|generation|rotatedAt|secretId/)
    expect((await dev('sessions list nobody')).exit).toBe(EXIT.failed)
  })

  test('token explain walks through every check of a good token', async () => {
    const { exit, out } = await dev(`token explain ${token}`)
    expect(exit).toBe(EXIT.ok)
    expect(out.match(/^[✔✘·] \w+/gm)).toEqual(
      [
        'form',
        'issuer',
        'key',
        'signature',
        'typ',
        'iss',
        'aud',
        'exp',
        'iat',
        'sub',
        'jti',
        'sid',
        'session',
        'user',
      ].map((name) => `✔ ${name}`),
    )
    expect(out).toMatch(/The token is good\.\n$/)
    expect((await dev(`token explain ${token} --json`)).value).toMatchObject({ active: true, code: null })
  })

  test('token explain names the check that fails, and looks at nothing behind an unproved signature', async () => {
    const forged = `${token.slice(0, -10)}AAAAAAAAAA`
    const [head = '', body = '', signature = ''] = token.split('.')
    const otherKey = Buffer.from(head, 'base64url')
      .toString()
      .replace(/"kid":"..../, '"kid":"AAAA')
    const foreign = [Buffer.from(otherKey).toString('base64url'), body, signature].join('.')
    const rows: [string, string, string[]][] = [
      ['garbage', '✘ form', ['· key', '· signature', '· claims']],
      [`${token}.x`, '✘ form', ['· key', '· signature', '· claims']],
      [foreign, '✘ key', ['✔ form', '· signature', '· claims']],
      [forged, '✘ signature', ['✔ form', '✔ key', '· claims']],
    ]
    for (const [given, failed, others] of rows) {
      const { exit, out } = await dev(`token explain ${given}`)
      expect(exit).toBe(EXIT.failed)
      for (const mark of [failed, ...others]) expect(out).toContain(mark)
      expect(out).toContain('The token is refused: token_invalid')
      expect(out).not.toContain('✔ sub')
    }
    const later = await dev(`token explain ${token}`, { now: () => Math.floor(Date.now() / 1000) + 400 })
    expect([later.exit, later.out]).toEqual([EXIT.failed, expect.stringMatching(/✘ exp +20.*, wanted later than/)])
    expect(later.out).toMatch(/The token is refused: token_expired \(exp\)\. expired \d+s ago\n$/)
    const elsewhere = await dev(`token explain ${token} --issuer https://other.example.com`)
    expect(elsewhere.out).toMatch(/✘ iss +http:\/\/localhost:4180, wanted https:\/\/other\.example\.com\n✘ aud /)
  })

  test('sessions revoke ends one session or all of a user, and explain says so', async () => {
    expect((await dev(`sessions revoke ${session}`)).out).toContain('The session has ended')
    const { exit, out } = await dev(`token explain ${token}`)
    expect([exit, out]).toEqual([EXIT.failed, expect.stringMatching(/✘ session +ended: revoked/)])
    expect(out).toContain('token_revoked')
    expect((await dev('sessions revoke --user alice --json')).value).toEqual({ revoked: { user: 'alice' } })
    expect((await dev('sessions list alice --json')).value).toEqual({ sessions: [] })
    expect((await dev('sessions revoke nothing')).exit).toBe(EXIT.failed)
    expect((await dev('sessions revoke')).exit).toBe(EXIT.usage)
    expect((await dev(`sessions revoke ${session} --user alice --json`)).value).toMatchObject({
      error: { code: 'usage' },
    })
  })

  test('users disable and enable keep a user out and let them in again', async () => {
    expect((await dev('users disable alice')).out).toMatch(/^alice is disabled/)
    expect((await dev('token issue --user alice --json')).value).toMatchObject({ error: { code: 'user_inactive' } })
    expect((await dev('users enable alice --json')).value).toMatchObject({ active: true })
    const last = await dev('users disable root')
    expect([last.exit, last.err]).toEqual([EXIT.failed, expect.stringContaining('the last active administrator')])
    expect((await dev('users enable nobody')).err).toMatch(NOBODY)
  })

  test('users list tells when somebody logged in last', async () => {
    await dev('users add visitor --no-password')
    expect((await dev('users list')).out).toMatch(/^visitor +active +\S+ \S+Z$/m)
    await dev('token issue --user visitor')
    expect((await dev('users list')).out).toMatch(/^visitor +active +\S+ \S+Z +20\S+ \S+Z$/m)
    const { users } = (await dev('users list --json')).value as { users: { lastLoginAt: number | null }[] }
    expect(users.map(({ lastLoginAt }) => lastLoginAt)).toContainEqual(expect.any(Number))
  })

  test('users delete ends every session, frees the name, and spares the last administrator', async () => {
    const sessions = async () => (await dev('sessions list visitor --json')).value
    expect(await sessions()).toMatchObject({ sessions: [{}] })
    const { exit, out } = await dev('users delete visitor')
    expect([exit, out]).toEqual([EXIT.ok, 'visitor is deleted, and every session has ended.\n'])
    const gone = await dev('users delete visitor --json')
    expect([gone.exit, gone.value]).toMatchObject([EXIT.failed, { error: { code: 'not_found' } }])
    await dev('users add visitor --no-password')
    expect(await sessions()).toEqual({ sessions: [] })
    expect((await dev('users delete visitor --json')).value).toMatchObject({ username: 'visitor' })
    const last = await dev('users delete root')
    expect([last.exit, last.err]).toEqual([EXIT.failed, expect.stringContaining('the last active administrator')])
  })

  test('users password sets one, and ends every session', async () => {
    await dev('token issue --user alice')
    const { exit, out } = await dev('users password alice --password-stdin', { stdin: 'another good password' })
    expect([exit, out]).toEqual([EXIT.ok, 'alice has a new password, and every session has ended.\n'])
    expect((await dev('sessions list alice --json')).value).toEqual({ sessions: [] })
    const weak = await dev('users password alice --password-stdin --json', { stdin: 'x' })
    expect([weak.exit, weak.value]).toEqual([
      EXIT.failed,
      { error: expect.objectContaining({ code: 'request_invalid' }) },
    ])
  })

  test('keys list and rotate show who signs, and an emergency kills what was signed', async () => {
    const listed = (await dev('keys list --json')).value as { keys: { kid: string; state: string }[] }
    expect(listed.keys.map(({ state }) => state)).toEqual(['active', 'standby'])
    expect((await dev('keys list')).out).toMatch(/^KEY +ALGORITHM +STATE/)
    const planned = await dev('keys rotate')
    expect([planned.exit, planned.out]).toEqual([EXIT.ok, expect.stringContaining(`${listed.keys[1]?.kid} signs from`)])
    const old = (await dev('token issue --user alice')).out.trim()
    const emergency = (await dev('keys rotate --emergency --json')).value as typeof listed & { kid: string }
    expect(emergency.keys.find(({ state }) => state === 'active')?.kid).toBe(emergency.kid)
    expect((await dev(`token verify ${old} --json`)).value).toMatchObject({
      error: { code: expect.stringMatching(/^token_/) },
    })
  })

  describe('revoke', () => {
    const issued = async () =>
      (await dev('token issue --user alice --json')).value as { accessToken: string; sessionId: string }
    const soon = () => Math.floor(Date.now() / 1000) + 7
    const verified = async (access: string) => (await dev(`token verify ${access} --json`)).value
    const revoked = { error: expect.objectContaining({ code: 'token_revoked' }) }

    test('ends a session, and tells by when that is so everywhere', async () => {
      const { accessToken, sessionId } = await issued()
      const { exit, out, err } = await dev(`revoke --session ${sessionId}`)
      expect([exit, err]).toEqual([EXIT.ok, ''])
      expect(out).toMatch(/^The session has ended, and the access tokens with it: everywhere by 20\d\d-.*Z\.\n$/)
      expect(await verified(accessToken)).toEqual(revoked)
    })

    test('ends every session of a user', async () => {
      const { accessToken } = await issued()
      const { effectiveBy, ...rest } = (await dev('revoke --user alice --json')).value as { effectiveBy: number }
      expect(rest).toEqual({ revoked: { user: 'alice' } })
      expect(effectiveBy).toBeGreaterThan(soon() - 5)
      expect(effectiveBy).toBeLessThanOrEqual(soon())
      expect(await verified(accessToken)).toEqual(revoked)
    })

    test('ends one access token, and leaves its session alone', async () => {
      const { accessToken, sessionId } = await issued()
      const { claims } = (await verified(accessToken)) as { claims: { jti: string } }
      expect((await dev(`revoke --jti ${claims.jti}`)).out).toMatch(/^The access token has ended; its session goes on/)
      expect(await verified(accessToken)).toEqual(revoked)
      const { sessions } = (await dev('sessions list alice --json')).value as { sessions: { id: string }[] }
      expect(sessions.map(({ id }) => id)).toContain(sessionId)
    })

    test('ends a key with all that it signed', async () => {
      const { accessToken } = await issued()
      const kid = JSON.parse(Buffer.from(accessToken.split('.')[0] as string, 'base64url').toString()).kid as string
      const { exit, value } = await dev(`revoke --key ${kid} --json`)
      expect([exit, value]).toEqual([EXIT.ok, { revoked: { key: kid }, effectiveBy: expect.any(Number) }])
      expect(await verified(accessToken)).toEqual({ error: expect.objectContaining({ code: expect.any(String) }) })
      expect((await dev('keys list')).out).not.toContain(kid)
      expect(await verified((await issued()).accessToken)).toMatchObject({ active: true })
    })

    test('ends everybody, and lets them log in again in the same second', async () => {
      const { accessToken } = await issued()
      expect((await dev('revoke --everyone --json')).value).toMatchObject({ revoked: { everyone: true } })
      expect(await verified(accessToken)).toEqual(revoked)
      expect(await verified((await issued()).accessToken)).toMatchObject({ active: true })
    })

    test('refuses what there is not, and anything but exactly one thing', async () => {
      expect((await dev('revoke --user nobody')).err).toMatch(NOBODY)
      for (const words of ['--session nothing', '--key nothing']) {
        const { exit, value } = await dev(`revoke ${words} --json`)
        expect([exit, value]).toEqual([EXIT.failed, { error: expect.objectContaining({ code: 'not_found' }) }])
      }
      expect((await cli(['revoke', '--jti', '', '--dev'])).exit).toBe(EXIT.failed)
      for (const words of ['', ' --everyone --user alice', ' --session a --jti b', ' --session', ' --nope']) {
        const { exit, value } = await dev(`revoke${words} --json`)
        expect([words, exit, value]).toEqual([words, EXIT.usage, { error: expect.objectContaining({ code: 'usage' }) }])
      }
    })
  })

  test('migrate and prune say what they do on stderr, and what they did on stdout', async () => {
    const migrated = await dev('migrate')
    expect(migrated).toMatchObject({ exit: 0, out: 'The store is up to date.\n', err: 'Migrating ...\nMigrated\n' })
    expect((await dev('migrate --json')).value).toEqual({ migrated: true })
    const pruned = await dev('prune')
    expect([pruned.exit, pruned.out]).toEqual([
      0,
      expect.stringMatching(/^Deleted 0 ended sessions, 0 API tokens and 0 revocations/),
    ])
    const { value, err } = await dev('prune --json')
    expect([value, err]).toEqual([{ sessions: 0, epochs: 0, apiTokens: 0 }, ''])
  })
})

test('restore ends all that a backup brought back, and all that was revoked after it was made', async () => {
  const { dev, folder } = cliKit()
  const issued = async () => (await dev('token issue --user alice')).out.trim()
  const refused = async (token: string) => (await dev(`token verify ${token}`)).exit === EXIT.failed
  await dev('users add alice --no-password')
  const [kept, ended] = [await issued(), await issued()]
  cpSync(`${folder}/latchkey-data`, `${folder}/backup`, { recursive: true })
  const { sessions } = (await dev('sessions list alice --json')).value as { sessions: { id: string }[] }
  for (const { id } of sessions) await dev(`revoke --session ${id}`)
  expect(await refused(ended)).toBe(true)
  rmSync(`${folder}/latchkey-data`, { recursive: true })
  cpSync(`${folder}/backup`, `${folder}/latchkey-data`, { recursive: true })
  // This is what the command is for.
  expect(await refused(ended)).toBe(false)

  const before = (await dev('keys list --json')).value as { keys: { kid: string }[] }
  const { exit, value } = await dev('restore --json')
  const kids = before.keys.map(({ kid }) => kid)
  const revoked = { keys: kids, everyone: true, apiTokens: true }
  expect([exit, value]).toEqual([EXIT.ok, { revoked, effectiveBy: expect.any(Number) }])
  expect([await refused(kept), await refused(ended)]).toEqual([true, true])
  expect((await dev('sessions list alice --json')).value).toEqual({ sessions: [] })
  const after = (await dev('keys list --json')).value as typeof before
  expect(after.keys.filter(({ kid }) => kids.includes(kid))).toEqual([])
  expect(await refused(await issued())).toBe(false)
  const again = await dev('restore')
  expect([again.exit, again.out, again.err]).toEqual([
    EXIT.ok,
    expect.stringMatching(/^Every session .*Z\. Everybody logs in again; API tokens are made anew\.\n$/),
    '',
  ])
  expect((await dev('restore now')).exit).toBe(EXIT.usage)
})

test('init writes a file and a secret that start a server, and overwrites neither', async () => {
  const { cli, folder } = cliKit()
  const made = await cli(['init', '--issuer', 'https://auth.example.com'])
  expect([made.exit, made.out]).toEqual([EXIT.ok, expect.stringContaining('latchkey serve')])
  expect(statSync(`${folder}/latchkey.secret`).mode & 0o777).toBe(0o600)
  expect((await cli(['users', 'list'])).exit).toBe(EXIT.ok)
  const before = readFileSync(`${folder}/latchkey.secret`, 'utf8')
  const again = await cli(['init', '--json'])
  expect([again.exit, again.value]).toEqual([EXIT.failed, { error: expect.objectContaining({ code: 'conflict' }) }])
  expect(readFileSync(`${folder}/latchkey.secret`, 'utf8')).toBe(before)
  const elsewhere = (await cli(['init', 'other', '--json'])).value as { secretFile: string }
  expect(elsewhere.secretFile).toBe(`${folder}/other/latchkey.secret`)
})

test('every line of the file that init writes is a setting: without its comment signs it starts, too', async () => {
  const { parseJsonc } = await import('../../src/config/jsonc.js')
  const { configText } = await import('../../src/commands/init.js')
  const { cli, folder } = cliKit()
  const { writeFileSync } = await import('node:fs')
  await cli(['init'])
  const all = configText('https://auth.example.com').replace(/^ {2}\/\/ (?=")/gm, '  ')
  expect(Object.keys(parseJsonc(all) as object).length).toBeGreaterThan(15)
  writeFileSync(`${folder}/latchkey.config.jsonc`, all)
  expect(await cli(['users', 'list'])).toMatchObject({ exit: EXIT.ok, err: '' })
})

test('help prints the exit codes and succeeds; nonsense is wrong usage', async () => {
  const { cli } = cliKit()
  const help = await cli(['--help'])
  expect([help.exit, help.err]).toEqual([EXIT.ok, ''])
  for (const code of [0, 1, 2, 69, 78, 130]) expect(help.out).toMatch(new RegExp(String.raw`\b${code}\b`))
  for (const words of [
    ['users', '--help'],
    ['token', 'explain', '--help'],
    ['help', 'serve'],
  ])
    expect((await cli(words)).exit).toBe(EXIT.ok)
  for (const words of [[], ['nope'], ['users'], ['users', 'nope'], ['users', 'list', '--nope'], ['users', 'add']]) {
    expect([words, (await cli(words)).exit]).toEqual([words, EXIT.usage])
    const { value, exit, err } = await cli([...words, '--json'])
    expect([exit, value, err]).toEqual([EXIT.usage, { error: { code: 'usage', message: expect.any(String) } }, ''])
  }
})

test('a store that cannot be opened is exit code 69, and a database of no known kind 78', async () => {
  const { cli, folder } = cliKit()
  const { mkdirSync } = await import('node:fs')
  mkdirSync(`${folder}/folder.db`)
  const away = await cli(['users', 'list', '--dev', '--database', 'sqlite:folder.db', '--json'])
  expect([away.exit, away.value]).toEqual([
    EXIT.unavailable,
    { error: expect.objectContaining({ code: 'store_failed' }) },
  ])
  const unknown = await cli(['users', 'list', '--dev', '--database', 'mongodb:x', '--json'])
  expect([unknown.exit, unknown.value]).toEqual([
    EXIT.config,
    { error: expect.objectContaining({ code: 'options_invalid' }) },
  ])
})
