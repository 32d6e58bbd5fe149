/** What every example does: reads its arguments, lets the same five people in, listens, and says so. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { parseArgs } from 'node:util'

/** Their ids are 1 to 5. A password in a program is good for an example and for nothing else. */
export const people = [
  { username: 'alice', email: 'alice@example.com', password: 'password' },
  { username: 'bob', email: 'bob@example.com', password: 'password', permissions: ['notes:delete'] },
  { username: 'inactive', email: 'inactive@example.com', password: 'password', active: false },
  { username: 'root', email: 'root@example.com', password: 'password', admin: true },
  { username: 'test_user', email: 'test_user@example.com', password: 'awesomepwd' },
]

/** `--port 8000 --host 127.0.0.1 --database memory`, and a secret: the one of the environment, or one for this run. `more`: options of one example. */
export function readArguments(args = process.argv.slice(2), more = {}) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8000' },
      host: { type: 'string', default: '127.0.0.1' },
      database: { type: 'string', default: 'memory' },
      ...more,
    },
  })
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) throw new Error('--port takes a port number')
  const secret = process.env.LATCHKEY_SECRET ?? randomBytes(32).toString('base64url')
  return { ...values, port: Number(values.port), secret }
}

/** Puts the people into the accounts of an auth, unless a database has them from an earlier run. */
export async function seed({ users }) {
  for (const [index, { active = true, ...person }] of people.entries()) {
    const id = String(index + 1)
    if (await users.byId(id)) continue
    await users.create({ id, ...person })
    if (!active) await users.disable(id)
  }
}

/** Listens, and tells where once requests are answered. Port 0 is any free one. `tls`: a key and a certificate, for https. */
export function listen(handler, { port, host, tls }) {
  const server = tls ? createSecureServer(tls, handler) : createServer(handler)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      console.log(`listening on ${tls ? 'https' : 'http'}://localhost:${server.address().port}`)
      resolve(server)
    })
  })
}
