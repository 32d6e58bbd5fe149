/** Sites for the browser: a server under every name that ends in `.test`, and the forms that pages of one send to another. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Page, Response } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { certificate } from './browser.js'

/** Two origins of one site, and another site. Ports are part of an origin and not of a site. */
export const APP = 'app.latchkey.test'
export const SIBLING = 'blog.latchkey.test'
export const EVIL = 'evil.other.test'

export interface Site {
  readonly server: Server
  /** The origin of this server under a name. */
  origin(host: string): string
}

/** Serves until the test ends. */
export async function serve(listener: RequestListener, { secure = true } = {}): Promise<Site> {
  const server = secure ? createSecureServer(await certificate(), listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Also those that became sockets of the application's own.
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { server, origin: (host) => `${secure ? 'https' : 'http'}://${host}:${port}` }
}

export interface Form {
  readonly action: string
  readonly method?: 'get' | 'post'
  readonly enctype?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** Writes a form into the page, whoever's it is, and has the user send it: answers what the server said. */
export async function sendForm(page: Page, { action, method = 'post', enctype, fields = {} }: Form): Promise<Response> {
  const inputs = Object.entries(fields).map(([name, value]) => `<p><input name='${name}' value='${value}'></p>`)
  const kind = enctype ? ` enctype="${enctype}"` : ''
  await page.setContent(
    `<form action="${action}" method="${method}"${kind}>${inputs.join('')}<button>Win!</button></form>`,
  )
  const answered = page.waitForResponse((one) => one.url().split('?')[0] === action)
  await page.click('button')
  return answered
}
