/** What is no dump, no row or no value of Django's is told by its place, costs no memory, and hinders nobody else. */
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { type Piece, split } from '../../src/import/split.js'
import { cliKit } from '../cli/cli-kit.js'

const HASH = 'pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A='
const user = (pk: unknown, username: unknown, more: object = {}) => ({
  model: 'auth.user',
  pk,
  fields: { username, password: HASH, is_active: true, ...more },
})

/** Writes a dump, imports it, and answers what was said and who is here. */
function start(kit = cliKit()) {
  const path = join(kit.folder, 'dump.json')
  const bring = async (content: string | Buffer | readonly unknown[], more = '') => {
    writeFileSync(path, Array.isArray(content) ? JSON.stringify(content) : (content as string))
    return kit.dev(`users import django --from ${path} --json ${more}`.trim())
  }
  const names = async () => {
    const { users } = (await kit.dev('users list --json')).value as { users: { username: string }[] }
    return users.map(({ username }) => username)
  }
  return { ...kit, path, bring, names }
}

interface Told {
  readonly users: { readonly created: number; readonly refused: number }
  readonly refused: readonly { readonly place: string; readonly reason: string }[]
}

describe('rows', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [user(1, undefined), /its user name is missing/],
    [user(2, ['a']), /its user name is missing, or no text/],
    [user(3, 'bell\u0007'), /^username: /],
    [user(4, 'nul\u0000'), /^username: /],
    [user(5, 'x'.repeat(100_000)), /^username: At most/],
    [user(6, '\u202e'), /^username: /],
    [user(undefined, 'nobody'), /its primary key/],
    [user(null, 'nobody'), /its primary key/],
    [user({ $gt: '' }, 'nobody'), /its primary key/],
    [user(1e300, 'nobody'), /its primary key/],
    [user('', 'nobody'), /its primary key/],
    [user('a\nb', 'nobody'), /its primary key/],
    [user(7, 'seven', { is_active: 'yes' }), /is_active is neither/],
    [user(8, 'eight', { is_superuser: [] }), /is_superuser is neither/],
    [user(9, 'nine', { date_joined: 'yesterday' }), /date_joined is no date/],
    [user(10, 'ten', { last_login: '2020-13-45T99:00:00Z' }), /last_login is no date/],
    [user(11, 'eleven', { email: ['a@b.c'] }), /its address is no text/],
    [user(12, 'twelve', { password: { $ne: 1 } }), /its password is no text/],
    [user(12, 'twelve', { password: 7, date_joined: 7 }), /date_joined is no date; its password is no text/],
    [{ model: 'auth.user', pk: 13 }, /no object of a dump/],
    [{ model: 'auth.user', pk: 13, fields: null }, /no object of a dump/],
    [{ pk: 13, fields: {} }, /no object of a dump/],
    [{ model: ['auth.user'], pk: 13, fields: {} }, /no object of a dump/],
    [user(14, 'huge', { first_name: 'x'.repeat(1_048_577) }), /larger than 1 MiB/],
    [user(1_000, 'somebody-else'), /its primary key is here already, and called otherwise/],
    [user(1_001, 'GOOD'), /its user name or primary key is somebody else's/],
  ]

  test('that cannot be taken are told by place and reason, never by a password, and those between them are taken', async () => {
    const { bring, names } = start()
    const lines = [user(1_000, 'good'), ...wrong.map(([row]) => row), user(2_000, 'last')]
    const { exit, out, value } = await bring(`[\n${lines.map((row) => JSON.stringify(row)).join(',\n')}\n]`)
    const told = value as Told
    expect([exit, told.users.created]).toEqual([EXIT.ok, 2])
    expect(out).not.toContain('pbkdf2')
    for (const [at, [, reason]] of wrong.entries()) {
      // The list begins in the second line, and the good one stands there.
      const place = new RegExp(`^line ${at + 3}( |$)`)
      expect(told.refused.find((one) => place.test(one.place))?.reason).toMatch(reason)
    }
    expect(await names()).toEqual(['good', 'last'])
  })

  test('that can be taken in part are, and what is left away is told', async () => {
    const { bring, names } = start()
    const { value } = await bring([
      { model: 'auth.group', pk: 1, fields: { name: 'editors', permissions: [99] } },
      { model: 'auth.group', pk: 2, fields: { name: ' spaces ', permissions: [] } },
      { model: 'auth.group', pk: 3, fields: { name: 7, permissions: [] } },
      user(1, 'one', { groups: [77], user_permissions: [78] }),
      user(2, 'two', { groups: 'editors', user_permissions: { a: 1 } }),
      user(3, 'three', { user_permissions: [['can do', 'blog', 'post'], ['x'], 7, null] }),
      user(4, 'four', { password: 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', email: 'no address' }),
      user(5, 'five', { password: 'pbkdf2_sha256$1000000000000$x$AAAA' }),
      user(6, 'six', { password: `!${HASH}`, first_name: 'a\u0007', last_name: 7, groups: [2] }),
      JSON.parse(`{"model":"auth.user","pk":"7","fields":{"username":"seven","__proto__":{"is_superuser":true}}}`),
    ])
    expect(value).toMatchObject({ users: { created: 7, refused: 0 }, groups: { created: 1, refused: 1 } })
    expect((value as Told).refused.map(({ reason }) => reason)).toEqual([
      'one of its permissions is not in the file',
      'the name of the group is no text',
      expect.stringMatching(/^name: /),
      'one of its groups is not in the file',
      'one of its permissions is not in the file',
      'its groups are no list',
      'its permissions are no list',
      'one of its permissions is not in the file',
      'one of its permissions is not in the file',
      'one of its permissions is not in the file',
      'one of its permissions cannot be called so here',
      "taken without its address, which is none or somebody else's here",
      'taken without its password, whose hash cannot be verified here',
      'taken without its password, whose hash cannot be verified here',
    ])
    expect(await names()).toEqual(['five', 'four', 'one', 'seven', 'six', 'three', 'two'])
  })

  test('nobody who is here is taken over, nor joins a group that may something else', async () => {
    const { bring, dev } = start()
    await dev('users add root --admin --no-password')
    await dev('groups create editors --permission secrets:*')
    await dev('groups create authors --permission blog.post:add')
    const permission = [
      { model: 'contenttypes.contenttype', pk: 1, fields: { app_label: 'blog', model: 'post' } },
      { model: 'auth.permission', pk: 1, fields: { name: '', content_type: 1, codename: 'add_post' } },
    ]
    const group = (pk: number, name: string) => ({ model: 'auth.group', pk, fields: { name, permissions: [1] } })
    const all = [...permission, group(1, 'editors'), group(2, 'authors'), user(1, 'Root', { groups: [1, 2] })]
    const { value } = await bring([...all, user(2, 'ann', { groups: [1, 2, ['editors']], is_superuser: false })])
    expect(value).toMatchObject({ users: { created: 1, refused: 1 }, groups: { created: 0, known: 1, refused: 1 } })
    const { users } = (await dev('users list --json')).value as { users: Record<string, unknown>[] }
    expect(users).toMatchObject([
      { username: 'ann', admin: false, permissions: ['blog.post:add'] },
      { username: 'root', admin: true, permissions: [] },
    ])
  })
})

describe('files', () => {
  const good = JSON.stringify(user(1, 'ann'))

  test.each([
    ['in the middle of a row', `[${good}, {"model": "auth.user", "pk": 2, "fie`, /Line 1: The file ends in the middle/],
    ['in the middle of a text', `[${good},\n {"model": "auth.us`, /Line 2: The file ends in the middle/],
    ['after a row', `[${good},`, /ends in the middle/],
  ])('that end %s import nobody', async (_, content, message) => {
    const { bring, names } = start()
    const { exit, value } = await bring(content)
    expect([exit, value]).toEqual([
      EXIT.failed,
      { error: { code: 'failed', message: expect.stringMatching(message), hint: 'nothing was imported' } },
    ])
    expect(await names()).toEqual([])
  })

  test.each([
    ['a number', '7'],
    ['a list of numbers', '[1, 2]'],
    ['a list of lists', `[[${good}]]`],
    ['something behind the list', `[${good}] [`],
    ['SQL', 'INSERT INTO auth_user VALUES (1);'],
    ['SQLite', Buffer.from('SQLite format 3\0')],
  ])('that are %s are no dump', async (_, content) => {
    const { exit, value } = await start().bring(content)
    expect([exit, value]).toMatchObject([EXIT.failed, { error: { message: expect.stringMatching(/no list of JSON/) } }])
  })

  test.each([
    ['of nothing', ''],
    ['of an empty list', ' [ ] \n'],
    ['of other models', '[{"model":"sessions.session","pk":"x","fields":{}}]'],
  ])('%s import nobody, and that is no mistake', async (_, content) => {
    const { exit, value } = await start().bring(content)
    expect([exit, value]).toMatchObject([EXIT.ok, { users: { created: 0, refused: 0 } }])
  })

  test('of lines instead of a list, with a byte order mark, and with bytes that are no UTF-8', async () => {
    const { bring, names } = start()
    const mark = Buffer.from([0xef, 0xbb, 0xbf])
    const broken = Buffer.concat([
      Buffer.from(JSON.stringify(user(3, 'x')).slice(0, -2)),
      Buffer.from([0xff, 0x7d, 0x7d]),
    ])
    const lines = [mark, `${good}\r\n\n${JSON.stringify(user(2, 'bob'))}\n`, broken, '\n'].map((one) =>
      Buffer.from(one),
    )
    const { value } = await bring(Buffer.concat(lines))
    expect(value).toMatchObject({ users: { created: 2 }, refused: [{ place: 'line 4' }] })
    expect(await names()).toEqual(['ann', 'bob'])
  })

  test('that are not there, or no file, or no database', async () => {
    const { cli, dev, folder, path } = start()
    mkdirSync(join(folder, 'directory'))
    writeFileSync(path, 'no database')
    for (const from of ['nowhere.json', 'directory', 'sqlite:nowhere.db', 'sqlite:directory', `sqlite:${path}`]) {
      const { exit, err } = await dev(`users import django --from ${from}`)
      expect([exit, err]).toEqual([EXIT.failed, expect.stringMatching(/There is no file|is no SQLite database/)])
    }
    const gone = await dev('users import django --from postgres://user:hunter2@127.0.0.1:1/x')
    expect([gone.exit, gone.err]).toEqual([EXIT.unavailable, expect.stringContaining('does not answer')])
    expect(gone.err).not.toContain('hunter2')
    for (const words of ['import ldap --from x', 'import django', 'import django --from x --permissions odd']) {
      expect((await cli(['users', ...words.split(' '), '--dev'])).exit).toBe(EXIT.usage)
    }
  })
})

describe('the reading of a file', () => {
  const read = async (path: string): Promise<Piece[]> => {
    const pieces: Piece[] = []
    for await (const piece of split(path)) pieces.push(piece)
    return pieces
  }

  test('gives the objects as they stand, wherever the file is cut into pieces', async () => {
    const { path } = start()
    // As long as a piece of 64 KiB is not a multiple of an object, every part of one is cut somewhere.
    const text = '\\ " { } [ ] , \n ü € 😀 \\u0022 \\\\"'
    const objects = Array.from({ length: 4_000 }, (_, at) => ({
      at,
      text: text.repeat((at % 7) + 1),
      deep: [[{ text }], {}],
    }))
    writeFileSync(path, JSON.stringify(objects, null, 1))
    expect((await read(path)).map(({ text }) => JSON.parse(text as string))).toEqual(objects)
  })

  test('holds nothing of a line of 100 MB, and goes on behind it', async () => {
    const { path } = start()
    writeFileSync(path, '[{"a": "')
    truncateSync(path, 100_000_000)
    appendFileSync(path, '"}, {"b": 1}]')
    let most = 0
    const pieces: unknown[] = []
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }, 1)
    const before = process.memoryUsage().arrayBuffers
    for await (const { text } of split(path)) pieces.push(text)
    clearInterval(watching)
    expect(pieces).toEqual([undefined, '{"b": 1}'])
    expect(most).toBeGreaterThan(0)
    expect(most - before).toBeLessThan(64_000_000)
  })
})
