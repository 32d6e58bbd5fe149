/** One of several servers over one database: every endpoint, a route that asks nobody but the guard, and a door for the operator who ends things. */
import { createServer } from 'node:http'
import { authenticate, authorize, mount } from '../../dist/esm/adapters/node.js'
import { createAuth, signedIn } from '../../dist/esm/index.js'
import { openStores } from '../../dist/esm/stores/open.js'
import { systemClock } from '../../dist/esm/util/time.js'
import { quickly } from '../kills/quickly.mjs'
import { ISSUER, password, SECRET } from '../kills/world.mjs'
import { variants } from './variants.mjs'

const MANY = { points: 1_000_000, seconds: 60 }

process.once('disconnect', () => process.exit())
process.once('message', start)

async function start({ database, redis, users, variant, pushes, revocation }) {
  const { stores: faulty, revocation: other } = variants[variant]
  const stores = faulty(openStores(database, systemClock, redis))
  const auth = createAuth({
    issuer: ISSUER,
    secret: SECRET,
    database: pushes ? stores : { ...stores, wake: undefined },
    revocation: { ...revocation, ...other },
    // Access tokens must not expire meanwhile, nor sessions end because there are many: neither is what is judged here.
    accessLifetime: '1h',
    sessionLimit: 10_000,
    login: [quickly],
    throttle: { account: MANY, address: MANY, everybody: MANY },
  })
  await auth.ready()
  for (const username of users) await auth.users.create({ username, password: password(username, 0) })
  const server = createServer(routes(auth))
  // A server that was stopped for a minute must not hang up on those who asked meanwhile.
  server.keepAliveTimeout = 3_600_000
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
}

function routes(auth) {
  const [identify, admit, endpoints] = [authenticate(auth), authorize(auth, signedIn), mount(auth)]
  return async (request, response) => {
    if (request.url === '/operator') return answer(response, await operate(auth, await bodyOf(request)))
    if (request.url !== '/guarded') return endpoints(request, response)
    await identify(request)
    if (await admit(request, response)) response.end()
  }
}

/** What `latchkey revoke` and `latchkey users` do, in a process that serves. */
async function operate(auth, { act, value }) {
  const acts = {
    revoke: () => auth.revoke(value),
    disable: () => auth.users.disable(value),
    enable: () => auth.users.enable(value),
  }
  try {
    return [200, (await acts[act]()) ?? {}]
  } catch (error) {
    return [error.status ?? 500, { code: error.code ?? error.message }]
  }
}

async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

function answer(response, [status, body]) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
