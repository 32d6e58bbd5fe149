/** Promises of `latchkey users import django`: everything is taken once, from a database or a dump, and nobody who is here is touched. */
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from '../cli/cli-kit.js'
import { contents, writeDump, writeSqlite } from './world.mjs'

const now = () => 1_795_000_000
const USERS = 1_200
const world = cliKit(afterAll)
const sources = { sqlite: `sqlite:${world.folder}/db.sqlite3`, dump: `${world.folder}/dump.json` }
/** What they come to: one has no name that is possible here, one is called as another. */
const tally = {
  users: { created: 1_198, known: 0, refused: 2 },
  groups: { created: 2, known: 0, refused: 0 },
  tokens: { blacklisted: 108, expired: 12, refused: 0 },
}
type Rows = readonly Readonly<Record<string, unknown>>[]
type Stored = Readonly<Record<'users' | 'identities' | 'groups' | 'members' | 'epochs', Rows>>
const stored = (folder: string): Promise<Stored> => contents(join(folder, 'latchkey-data/latchkey.db'))

describe('twelve hundred users of a database and of its dump', () => {
  const { dev, folder } = cliKit(afterAll)

  test('a dry run tells what would be, and writes nothing', async () => {
    await writeSqlite(`${world.folder}/db.sqlite3`, USERS)
    await writeDump(`${world.folder}/dump.json`, USERS)
    const ended = await dev(`users import django --dry-run --from ${sources.sqlite} --json`, { now })
    expect([ended.exit, ended.value]).toEqual([EXIT.ok, expect.objectContaining({ ...tally, dryRun: true })])
    const { users, groups, epochs, identities } = await stored(folder)
    expect([users, groups, epochs, identities]).toEqual([[], [], [], []])
  })

  test('are the same, and a second import finds them all', async () => {
    const ended = await dev(`users import django --from ${sources.sqlite} --json`, { now })
    expect([ended.exit, ended.err]).toEqual([EXIT.ok, ''])
    expect(ended.value).toMatchObject({ ...tally, dryRun: false })
    const first = await stored(folder)
    expect([first.users.length, first.identities.length, first.epochs.length]).toEqual([1_198, 1_198, 108])
    const again = await dev(`users import django --from ${sources.dump} --json`, { now })
    expect(again.value).toMatchObject({
      users: { created: 0, known: 1_198, refused: 2 },
      groups: { created: 0, known: 2, refused: 0 },
    })
    expect(await stored(folder)).toEqual(first)
    const other = cliKit()
    expect((await other.dev(`users import django --from ${sources.dump} --json`, { now })).value).toMatchObject(tally)
    expect(await stored(other.folder)).toEqual(first)
  })

  test('each has what Django gave them, and what could not be taken is told by its key and never by its password', async () => {
    const { users, members } = await stored(folder)
    const of = (id: string) => users.find((one) => one.id === id)
    expect(of('33')).toMatchObject({ username: 'user33', permissions: '["blog.can_publish"]', active: 1, admin: 0 })
    expect(of('1')).toMatchObject({ permissions: '["*"]', admin: 0, attributes: '{"is_staff":true}' })
    expect([of('13')?.password_hash, of('50')?.active, of('10')?.email]).toEqual([null, 0, null])
    expect([of('1')?.email, of('101')?.email]).toEqual(['shared@example.com', null])
    expect(members.filter(({ user_id }) => user_id === '21').map(({ group_name }) => group_name)).toEqual([
      'Réviseurs & Co.',
      'editors',
    ])
    const { out, err } = await dev(`users import django --from ${sources.sqlite}`, { now })
    expect(out).toBe('Imported 0 users (1,198 were here already, 2 were not taken), 0 groups and 108 ended tokens.\n')
    expect(err).toContain("pk 500: its user name or primary key is somebody else's here\n")
    expect(err).toContain('pk 999: username: ')
    expect(err).not.toContain('pbkdf2')
  })

  test('with --strict the first that cannot be taken ends it, and nobody after it is here', async () => {
    const strict = cliKit()
    const { exit, value } = await strict.dev(`users import django --strict --from ${sources.dump} --json`, { now })
    expect([exit, value]).toEqual([
      EXIT.failed,
      {
        error: {
          code: 'request_invalid',
          message: expect.stringMatching(/line \d+ \(pk 101\)/),
          hint: expect.any(String),
        },
      },
    ])
    const { users } = await stored(strict.folder)
    // The page that it stood in.
    expect(users).toHaveLength(200)
  })
})
