/** A process of a fleet: a whole auth over the shared database, asked by messages, with a clock that the test may set. It runs what was built. */
import { createAuth } from '../../../dist/esm/index.js'
import { openStores } from '../../../dist/esm/stores/open.js'
import { variants } from './variants.mjs'

const { database, secret, now, ahead = 0, variant = 'none', ...options } = JSON.parse(process.argv[2])
const time = { now }
// Processes on several machines never agree about the time.
const clock = () => (now === undefined ? Math.floor(Date.now() / 1000) : time.now) + ahead
const stores = openStores(database, clock)
const auth = createAuth({
  issuer: 'https://api.example.com',
  ...options,
  secret,
  clock,
  database: variants[variant](stores, { secret, clock }),
})

const questions = {
  set: async (next) => {
    time.now = next
  },
  user: (username) => auth.users.create({ username, password: 'correct horse battery' }),
  issue: async (username) => auth.tokens.issue(await auth.users.byUsername(username)),
  /** By the process's own clock, read before and after: the answer was made in between. */
  refresh: async (token) => {
    const from = clock()
    const { tokens } = await auth.tokens.refresh(token)
    return { ...tokens, from, until: clock() }
  },
  /** The codes of those that are refused. */
  refused: async (tokens) => {
    const codes = await Promise.all(tokens.map(codeOf))
    return tokens.flatMap((token, index) => (codes[index] ? [{ token, code: codes[index] }] : []))
  },
  jwks: () => auth.keys.jwks(),
  list: () => auth.keys.list(),
  rotate: async (emergency) => (await auth.keys.rotate({ emergency })).kid,
  revoke: (key) => auth.revoke({ key }),
}

async function codeOf(token) {
  try {
    await auth.tokens.verify(token)
    return undefined
  } catch (error) {
    return String(error.code ?? error)
  }
}

process.on('message', async ({ id, name, given }) => {
  const answer = await questions[name](...given).then(
    (value) => ({ value }),
    (error) => ({ code: String(error.code ?? error.stack) }),
  )
  if (process.connected) process.send({ id, ...answer })
})
process.once('disconnect', () => process.exit())
await auth.ready()
process.send('ready')
