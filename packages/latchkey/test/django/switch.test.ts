/** The switch from a running Django, as the guide has it: import, both at once, and the way back; nobody is logged out, and nobody who was comes back. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runImport, type Tally } from '../../../server/src/import/run.js'
import { openSqlite } from '../../../server/src/import/sqlite.js'
import { openTables } from '../../../server/src/import/tables.js'
import { createAuth } from '../../src/index.js'
import { simplejwt } from '../../src/presets/index.js'
import { SECRET } from '../auth-kit.js'
import { withProtectedView } from '../presets/django-view.js'
import { django, SIGNING_KEY, type Side, side } from './kit.js'
import { djangoServer } from './server.js'

const SETTINGS = { SIGNING_KEY, ROTATE_REFRESH_TOKENS: true, BLACKLIST_AFTER_ROTATION: true }
const auth = createAuth({ database: 'memory', secret: SECRET, preset: simplejwt(SETTINGS) })
const send = withProtectedView(auth)
const here = side((path, init) => send(new Request(`http://localhost${path}`, init)))
let there: Side

beforeAll(async () => {
  there = django(await djangoServer('switch', SETTINGS))
})
afterAll(() => auth.close())

/** `latchkey users import django --from sqlite:db.sqlite3`, without the command line. */
async function imported(): Promise<Tally> {
  const complaints: string[] = []
  const complain = (place: string, reason: string) => void complaints.push(`${place}: ${reason}`)
  const connection = await openSqlite(join(inject('services'), 'django-switch', 'db.sqlite3'))
  const names = { userModel: 'auth.User', userTable: undefined, usernameField: 'username', emailField: 'email' }
  const source = await openTables(connection, { ...names, idField: undefined }, complain)
  const clock = () => Math.floor(Date.now() / 1000)
  try {
    const parts = { auth, source, form: 'model', dryRun: false, clock, complain, told: () => {} } as const
    const tally = await runImport(parts)
    expect(complaints).toEqual([])
    return tally
  } finally {
    await source.close()
  }
}

const DEAD = { status: 401, body: { detail: 'Token is blacklisted', code: 'token_not_valid' } }
const ALICE = { status: 200, body: { id: 1, username: 'alice' } }

test('the switch', { timeout: 60_000 }, async () => {
  // Before: two devices, one who rotated, one who left, and one who was disabled while signed in.
  const [phone, laptop, left] = [await there.obtain(), await there.obtain(), await there.obtain()]
  const rotated = (await there.refresh(laptop.refresh)).body
  await there.post('/api/token/blacklist/', { refresh: left.refresh })
  expect(await here.refresh(phone.refresh)).toMatchObject({ status: 401 })

  // Beside: its users and what it blacklisted are here, and its access tokens open our views.
  expect(await imported()).toMatchObject({ users: { created: 4 }, tokens: { blacklisted: 2 } })
  expect(await here.view(phone.access)).toMatchObject(ALICE)
  // Somebody leaves there in between; the second import brings that, and nobody twice.
  const late = await there.obtain()
  await there.post('/api/token/blacklist/', { refresh: late.refresh })
  expect(await imported()).toMatchObject({ users: { created: 0, known: 4 }, tokens: { blacklisted: 3 } })

  // Both: nobody is logged out, and nobody who was comes back.
  for (const { refresh } of [left, late, laptop]) expect(await here.refresh(refresh)).toMatchObject(DEAD)
  const next = await Promise.all([phone, rotated].map(({ refresh }) => here.refresh(refresh)))
  for (const { status, body } of next) {
    expect([status, Object.keys(body)]).toEqual([200, ['access', 'refresh']])
    for (const place of [here, there]) expect(await place.view(body.access)).toMatchObject(ALICE)
  }
  expect((await auth.sessions.list('1')).length).toBe(2)
  // The password is still what it was, hashed by Django; its disabled user stays out, in its words.
  expect(await here.view((await here.obtain()).access)).toMatchObject(ALICE)
  const inactive = { username: 'inactive', password: 'password' }
  expect(await here.post('/api/token/', inactive)).toEqual(await there.post('/api/token/', inactive))
  // A logout here ends what Django began, the access token of its successor included.
  const [first] = next as [(typeof next)[0]]
  expect((await here.post('/api/token/blacklist/', { refresh: first.body.refresh })).status).toBe(200)
  for (const { refresh } of [phone, first.body]) expect(await here.refresh(refresh)).toMatchObject(DEAD)
  expect((await here.view(first.body.access)).status).toBe(401)

  // The way back: what we issued goes on there.
  expect((await there.refresh(next[1]?.body.refresh)).status).toBe(200)
})
