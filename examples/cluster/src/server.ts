/** One of the three servers: the endpoints of Latchkey, and a route of its own that says who answered. */
import { createServer, type RequestListener } from 'node:http'
import { type Auth, createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/node'
import { environment } from './environment.js'

const { name, port, ...options } = environment()
const auth = createAuth({
  ...options,
  // What the proxy says of the client is believed, and nothing that the client says itself.
  trustProxy: 1,
  development: true,
})
const server = createServer(answer(auth))
server.listen(port, '127.0.0.1', () => process.send?.('listening'))
process.once('SIGTERM', () => void end())
// Without the program that started it a server has no purpose.
process.once('disconnect', () => process.exit())

function answer(auth: Auth): RequestListener {
  const [identify, admit, endpoints] = [authenticate(auth), authorize(auth, signedIn), mount(auth)]
  return async (request, response) => {
    response.setHeader('x-server', name)
    if (await endpoints(request, response)) return
    if (request.url !== '/hello') return void response.writeHead(404).end()
    await identify(request)
    if (!(await admit(request, response))) return
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ server: name, hello: auth.of(request)?.subject }))
  }
}

async function end(): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await auth.close()
  process.exit()
}
