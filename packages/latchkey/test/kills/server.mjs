/** The server that is killed: every endpoint over one database, by the clock that it has in production. It loads at once and touches the database when told to. */
import { createServer } from 'node:http'
import { mount } from '../../dist/esm/adapters/node.js'
import { createAuth } from '../../dist/esm/index.js'
import { openStores } from '../../dist/esm/stores/open.js'
import { systemClock } from '../../dist/esm/util/time.js'
import { directly } from './directly.mjs'
import { quickly } from './quickly.mjs'
import { clockVariants, variants } from './variants.mjs'
import { GRACE_SECONDS, ISSUER, password, SECRET, USERS } from './world.mjs'

const MANY = { points: 1_000_000, seconds: 60 }

// What the library loads at first use is loaded now, so that a restart is no slower than opening the database.
const lazy = ['sqlite-open', 'postgres-open', 'postgres-rotations', 'postgres-limits', 'stores']
const paths = lazy.map((name) => `../../dist/esm/stores/sql/${name}.js`)
await Promise.all([...paths, '@photostructure/sqlite', 'pg'].map((name) => import(name).catch(() => {})))

process.once('disconnect', () => process.exit())
process.once('message', start)
process.send('loaded')

async function start({ database, variant, isStepped }) {
  const clock = isStepped ? steppedClock() : systemClock
  const stores = openStores(database, clock)
  const auth = createAuth({
    issuer: ISSUER,
    secret: SECRET,
    database: { ...variants, ...clockVariants }[variant](stores, directly(database), clock),
    clock,
    grace: GRACE_SECONDS,
    // Access tokens must not expire meanwhile, nor sessions end because there are many: neither is what is judged here.
    accessLifetime: '1h',
    sessionLimit: 10_000,
    login: [quickly],
    throttle: { account: MANY, address: MANY, everybody: MANY },
  })
  await auth.ready()
  for (const username of USERS) await makeUser(auth, username)
  const endpoints = mount(auth)
  const server = createServer(async (request, response) => {
    if (!(await endpoints(request, response))) response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
}

/** The system's, so many seconds off as the parent said last. */
function steppedClock() {
  let offset = 0
  process.on('message', (message) => {
    offset = message.offset
    process.send({ offset })
  })
  return () => systemClock() + offset
}

async function makeUser({ users }, username) {
  if (!(await users.byUsername(username))) await users.create({ username, password: password(username, 0) })
}
