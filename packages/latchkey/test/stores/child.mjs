/** Another process on the same database, for the tests of several processes; it runs what was built. */

import { openStores } from '../../dist/esm/stores/open.js'
import { sqliteStores } from '../../dist/esm/stores/sql/sqlite.js'
import { sqliteModule } from '../../dist/esm/stores/sql/sqlite-module.js'

const [task, path, ...rest] = process.argv.slice(2)
const clock = () => 1_800_000_000
const stores = openStores(path.includes(':') ? path : `sqlite:${path}`, clock)
const tell = (message) => process.send?.(message)

/** Kills this process before its statement number `last`; tells how many there were if it survives. */
async function openAndDie(last) {
  const { DatabaseSync } = await sqliteModule()
  let statements = 0
  const mortal =
    (run) =>
    (...values) => {
      if (++statements === last) process.kill(process.pid, 'SIGKILL')
      return run(...values)
    }
  function Mortal(file) {
    const database = new DatabaseSync(file)
    const prepare = (sql) => {
      const statement = database.prepare(sql)
      const [all, run] = [
        mortal((...values) => statement.all(...values)),
        mortal((...values) => statement.run(...values)),
      ]
      return { columns: () => statement.columns(), all, run }
    }
    return { exec: mortal((sql) => database.exec(sql)), prepare, close: () => database.close() }
  }
  const mine = sqliteStores({ path, clock }, async () => ({ DatabaseSync: Mortal }))
  await mine.open()
  await mine.close()
  tell({ statements })
}

/** Tries every generation, and tells those that it won. */
async function rotateAll(generations) {
  await stores.open()
  await ready()
  const won = []
  for (let generation = 0; generation < generations; generation++) {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => stores.sessions.rotate('s1', generation, String(process.pid))),
    )
    won.push(...answers.filter(Boolean).map(() => generation))
  }
  tell({ won })
}

/** Writes for ever, and tells what was acknowledged. */
async function writeOn(generation, name) {
  await stores.open()
  for (let n = 0; ; n++, generation++) {
    const [rotated, { stamp }, created] = await Promise.all([
      stores.sessions.rotate('s1', generation, 'k1'),
      stores.revocations.append([{ scope: 'jti', row: 'self', key: `${name} ${n}`, until: 4_000_000_000 }], 'revoked'),
      stores.users.create(account(`${name} ${n}`)),
    ])
    tell({ n, rotated, stamp, created, generation: generation + 1 })
  }
}

/** One identity in fifty hands. */
async function provisionAll(rounds) {
  await stores.open()
  await ready()
  const made = []
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        stores.identities.provision('idp', `subject ${round}`, account(`${process.pid} ${round} ${index}`)),
      ),
    )
    made.push(answers.map(({ identity, created }) => ({ userId: identity.userId, created })))
  }
  tell({ made })
}

const account = (id) => ({
  id,
  username: id,
  email: null,
  active: true,
  admin: false,
  permissions: [],
  createdAt: 0,
  attributes: {},
  lastLoginAt: null,
  passwordHash: null,
})

// Whoever is ready waits for the others, so that they really meet.
function ready() {
  return new Promise((resolve) => {
    process.once('message', resolve)
    tell({ ready: true })
  })
}

const tasks = {
  open: async () => {
    await ready()
    await stores.open()
    tell({ offered: await stores.users.offerBootstrap(String(process.pid)) })
  },
  die: () => openAndDie(Number(rest[0])),
  rotate: () => rotateAll(Number(rest[0])),
  provision: () => provisionAll(Number(rest[0])),
  write: () => writeOn(Number(rest[0]), rest[1]),
}

await tasks[task]()
await stores.close()
process.disconnect()
