/** Promises over a real Django with simplejwt: its database and its dumps are one and the same, and its users and tokens go on here. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuth } from 'latchkey'
import { simplejwt } from 'latchkey/presets'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { django } from '../../../../scripts/services.mjs'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from '../cli/cli-kit.js'
import { contents } from './world.mjs'

const SIGNING_KEY = 'the-key-of-an-application-that-came-from-django'
const PROJECT = fileURLToPath(new URL('old_project.py', import.meta.url))
const { folder } = cliKit(afterAll)
let tokens: { readonly good: string; readonly ended: string }

beforeAll(async () => {
  await django()
  const said = execFileSync('/usr/bin/python3', ['-I', '-B', PROJECT, folder, SIGNING_KEY], { cwd: '/' })
  tokens = JSON.parse(said.toString())
}, 120_000)

const databaseOf = (kit: { readonly folder: string }): string => join(kit.folder, 'latchkey-data/latchkey.db')

test('the database and both dumps of it become the same rows', async () => {
  const stored = []
  const second = Math.floor(Date.now() / 1000)
  for (const from of [`sqlite:${folder}/db.sqlite3`, `${folder}/dump.json`, `${folder}/natural.json`]) {
    const kit = cliKit()
    const { exit, err, value } = await kit.dev(`users import django --from ${from} --json`, { now: () => second })
    expect([exit, err]).toEqual([EXIT.ok, ''])
    expect(value).toMatchObject({
      users: { created: 2 },
      groups: { created: 1 },
      tokens: { blacklisted: 1 },
      complaints: 0,
    })
    stored.push(await contents(databaseOf(kit)))
  }
  expect(stored[0]?.users).toMatchObject([
    { id: '1', username: 'alice', email: 'alice@example.com', permissions: '["auth.group:view"]', active: 1, admin: 0 },
    {
      id: '2',
      username: 'root',
      email: null,
      permissions: '["*"]',
      password_hash: null,
      attributes: '{"is_staff":true}',
    },
  ])
  expect(stored[0]?.members).toEqual([{ group_name: 'editors', user_id: '1' }])
  expect([stored[1], stored[2]]).toEqual([stored[0], stored[0]])
})

test('alice logs in with the password she had, her refresh token goes on, and the one that was blacklisted stays so', async () => {
  const kit = cliKit()
  await kit.dev(`users import django --from sqlite:${folder}/db.sqlite3`)
  const secret = readFileSync(join(kit.folder, 'latchkey-data/secret'), 'utf8').trim()
  const auth = createAuth({ database: `sqlite:${databaseOf(kit)}`, secret, preset: simplejwt({ SIGNING_KEY }) })
  const post = async (path: string, body: object) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await auth.handle(new Request(`http://localhost${path}`, init), { address: undefined })
    return { status: response?.status, body: await response?.json() }
  }
  expect(await post('/api/token/refresh/', { refresh: tokens.good })).toMatchObject({ status: 200 })
  expect(await post('/api/token/refresh/', { refresh: tokens.ended })).toMatchObject({
    status: 401,
    body: { code: 'token_not_valid' },
  })
  const wrong = { username: 'Alice', password: 'letmein' }
  expect(await post('/api/token/', wrong)).toMatchObject({ status: 401 })
  expect(await post('/api/token/', { ...wrong, password: 'lètmein' })).toMatchObject({ status: 200 })
  const { users } = await contents(databaseOf(kit))
  expect(users[0]).toMatchObject({ username: 'alice', password_hash: expect.stringMatching(/^\$argon2id\$/) })
  expect(await post('/api/token/', { ...wrong, password: 'lètmein' })).toMatchObject({ status: 200 })
  await auth.close()
})
