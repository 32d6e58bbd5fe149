/** A process that changes the keyring and kills itself at one step of that: a statement, or the moment after the last. It runs what was built. */
import { createKeyring } from '../../../dist/esm/keys/keyring.js'
import { serverSecrets } from '../../../dist/esm/keys/seal.js'
import { twoStep } from './variants.mjs'

const { database, task, secrets, now, last, variant } = JSON.parse(process.argv[2])
const clock = () => now
let steps = Number.NEGATIVE_INFINITY

const die = () => process.kill(process.pid, 'SIGKILL')

/** SQLite has done a statement when it answers, so that it dies before the next one. */
async function sqlite(path) {
  const { sqliteStores } = await import('../../../dist/esm/stores/sql/sqlite.js')
  const { sqliteModule } = await import('../../../dist/esm/stores/sql/sqlite-module.js')
  const mortal =
    (run) =>
    (...values) => {
      if (++steps === last) die()
      return run(...values)
    }
  return sqliteStores({ path, clock }, async () => {
    const { DatabaseSync } = await sqliteModule()
    function Mortal(file) {
      const inner = new DatabaseSync(file)
      const prepare = (sql) => {
        const statement = inner.prepare(sql)
        const all = mortal((...values) => statement.all(...values))
        const run = mortal((...values) => statement.run(...values))
        return { columns: () => statement.columns(), all, run }
      }
      return { exec: mortal((sql) => inner.exec(sql)), prepare, close: () => inner.close() }
    }
    return { DatabaseSync: Mortal }
  })
}

/** PostgreSQL does what was sent, whether or not anybody is left to hear of it. */
async function postgres(url) {
  const { postgresStores } = await import('../../../dist/esm/stores/sql/postgres.js')
  const { default: pg } = await import('pg')
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (...given) {
    if (++steps === last) setImmediate(die)
    return query.apply(this, given)
  }
  return postgresStores({ url, clock })
}

const path = /^sqlite:(.+)$/.exec(database)?.[1]
const stores = await (path === undefined ? postgres(database) : sqlite(path))
const ring = createKeyring({
  store: variant === 'two-step' ? twoStep(stores) : stores.keys,
  secrets: serverSecrets(secrets, clock),
  algorithm: 'EdDSA',
  clock,
  longestSeconds: 300,
  row: 'self',
})

const tasks = {
  rotate: () => ring.rotate(),
  emergency: () => ring.rotate({ emergency: true }),
  /** Whoever opens the ring sees to it. */
  reseal: () => ring.open(),
}

await stores.open()
if (task !== 'reseal') await ring.open()
steps = 0
await tasks[task]()
// Done, and nobody was told.
if (++steps === last) die()
process.send('survived')
await stores.close()
process.disconnect()
