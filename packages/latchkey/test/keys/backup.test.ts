/** A promise about a backup that brings a revoked key back under the processes that revoked it: the key goes again, and nobody is locked out. */
import { expect, test } from 'vitest'
import { sqliteModule } from '../../src/stores/sql/sqlite-module.js'
import { replica } from '../races/kit.js'
import { sqlite } from '../stores/kit.js'

const TABLES = ['epochs', 'counter', 'keyring', 'sessions'].map((name) => `latchkey_${name}`)
const keep = TABLES.map((name) => `create table kept_${name} as select * from ${name}`).join(';')
const putBack = TABLES.map((name) => `delete from ${name}; insert into ${name} select * from kept_${name}`).join(';')

test.each(['a rotation', 'a revocation'])('a key that ended by %s, and came back with the database', async (by) => {
  const { stores, clock, path, cleanup } = await sqlite()
  const { DatabaseSync } = await sqliteModule()
  const run = (sql: string) => {
    const file = new DatabaseSync(path)
    file.exec(`begin immediate; ${sql}; commit`)
    file.close()
  }
  const [one, other] = [replica(stores, clock), replica(stores, clock)]
  const user = await one.auth.users.create({ username: 'alice' })
  const begin = async (at = one) => (await at.auth.tokens.issue(user)).access
  const before = await begin()
  const seen = await other.auth.tokens.verify(before)
  const stolen = (await one.auth.keys.signer()).kid ?? ''
  const rewound: unknown[] = []
  one.auth.events.on('store.rewound', (event) => void rewound.push(event))
  run(keep)
  if (by === 'a rotation') await one.auth.keys.rotate({ emergency: true })
  else await one.auth.revoke({ key: stolen })
  for (const { auth } of [one, other])
    await expect(auth.tokens.checkNow(seen)).rejects.toMatchObject({ code: 'token_revoked' })
  clock.now += 60
  run(putBack)

  // Whoever looks first notices, whatever there was to say of the token.
  await expect(one.auth.tokens.checkNow(seen)).rejects.toMatchObject({ code: 'token_revoked' })
  await expect.poll(() => rewound.length).toBe(1)
  const third = replica(stores, clock)
  const all = [one, other, third]
  for (const at of all) {
    const token = await begin(at)
    for (const { me } of all) expect((await me(token)).status).toBe(200)
    for (const { me } of all) expect((await me(before)).status).toBe(401)
    expect((await at.auth.keys.list()).map(({ kid, state }) => `${kid === stolen} ${state}`)).toEqual([
      'false active',
      'false standby',
    ])
  }
  for (const { auth } of all) await auth.close()
  await cleanup()
})
