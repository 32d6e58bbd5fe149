/** An application for the browser: the endpoints, a route, a page and a socket of its own, and what it was asked. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { authenticate, authorize, mount } from '../../src/adapters/node.js'
import { type AuthOptions, createAuth, signedIn } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { PASSWORD, SECRET } from '../auth-kit.js'
import { newContext } from './browser.js'
import { clientBundle, HOME } from './page.js'
import { APP, serve } from './site.js'

/** A request; its status is 0 if the answer did not leave. */
interface Seen {
  readonly method: string
  readonly path: string
  readonly status: number
}

export type App = Awaited<ReturnType<typeof startApp>>

/** Serves an application whose users are alice and mallory. Its clock starts with that of the browser. */
export async function startApp(options: Partial<AuthOptions<Account>>, host = APP, secure = true) {
  const seen: Seen[] = []
  const saved: string[] = []
  /** Milliseconds that the answer of a path takes longer, so that others are asked meanwhile. */
  const delays = new Map<string, number>()
  /** Paths whose next answer never arrives, though what was asked for is done. */
  const losing = new Set<string>()
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end()
  const site = await serve(
    (request, response) => {
      const [path = '/'] = (request.url ?? '/').split('?')
      const note = (status: number) => seen.push({ method: request.method ?? '', path, status })
      response.once('finish', () => note(response.statusCode))
      response.once('close', () => response.writableFinished || note(0))
      answer(request, response)
    },
    { secure },
  )
  const clock = { now: Math.floor(Date.now() / 1000) }
  const origin = site.origin(host)
  const auth = createAuth({
    issuer: origin,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    claims: ({ username }) => ({ username }),
    ...options,
    users: undefined,
  })
  onTestFinished(() => auth.close())
  const [identify, admit, endpoints] = [authenticate(auth), authorize(auth, signedIn), mount(auth)]

  answer = async (request, response) => {
    const url = new URL(request.url ?? '/', origin)
    await sleep(delays.get(url.pathname) ?? 0)
    if (losing.delete(url.pathname)) response.end = () => response.destroy()
    if (await endpoints(request, response)) return
    if (url.pathname === '/client.js') {
      response.setHeader('content-type', 'text/javascript').end(await clientBundle())
    } else if (url.pathname === '/posts') {
      if (allow(request, response)) return
      await identify(request, response)
      if (!(await admit(request, response))) return
      if (request.method === 'POST') saved.push(auth.of(request)?.subject ?? '')
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ by: auth.of(request)?.subject }))
    } else if (url.pathname === '/naive') {
      // Believes in whatever cookies come, and shows that they do.
      if (/__Host-access_/.test(request.headers.cookie ?? '')) saved.push('naive')
      response.end()
    } else response.setHeader('content-type', 'text/html; charset=utf-8').end(HOME)
  }
  site.server.on('upgrade', (request, socket) => void upgrade(request, socket))

  /** For routes of its own an application allows other origins itself; answers what a browser asks before. */
  function allow({ headers, method }: IncomingMessage, response: ServerResponse): boolean {
    if (!options.cors?.origins.includes(headers.origin ?? '')) return false
    response.setHeader('access-control-allow-origin', headers.origin ?? '')
    response.setHeader('access-control-allow-credentials', 'true')
    response.setHeader('access-control-allow-headers', 'x-csrf-token')
    if (method === 'OPTIONS') response.end()
    return method === 'OPTIONS'
  }

  /** As an application with sockets of its own does it: whoever may not, is refused before the upgrade. */
  async function upgrade(request: IncomingMessage, socket: Duplex): Promise<void> {
    await identify(request)
    const status = auth.of(request) ? 101 : 403
    seen.push({ method: 'UPGRADE', path: request.url ?? '', status })
    if (status === 403)
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  }

  const account = (username: string) => auth.users.create({ username, password: PASSWORD })
  const [alice, mallory] = [await account('alice'), await account('mallory')]
  /** How often the sessions of a user were rotated, one number for each that lives. */
  const generations = async ({ id }: Account) => (await auth.sessions.list(id)).map(({ generation }) => generation)
  return { auth, clock, site, origin, seen, saved, delays, losing, alice, mallory, generations }
}

/** Opens the application's page in a tab of a browser, and waits until it shows who is signed in. */
export async function openApp(
  app: { readonly origin: string },
  context?: BrowserContext,
  query = '',
): Promise<{ context: BrowserContext; page: Page }> {
  const known = context ?? (await newContext())
  const page = await known.newPage()
  await page.goto(`${app.origin}/${query}`)
  await page.waitForSelector('#shown')
  return { context: known, page }
}

/** Logs in as a user does. */
export async function logIn(page: Page, username = 'alice'): Promise<void> {
  await page.fill('[name=username]', username)
  await page.fill('[name=password]', PASSWORD)
  await page.click('text=Log in')
  await page.waitForSelector('#last:text-is("logged in")')
}

/** Signs in by the endpoint, as a page without our client would; answers its body. */
export async function signIn(page: Page, username = 'alice'): Promise<{ readonly csrf_token: string }> {
  return page.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/auth/login', { method: 'POST', headers, body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`login: ${response.status}`)
      return response.json()
    },
    { username, password: PASSWORD },
  )
}
