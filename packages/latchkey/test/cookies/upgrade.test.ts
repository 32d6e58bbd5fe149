/** A WebSocket opened by GET acts for whoever's cookies it brings: only our own pages may open one, and that is known before the upgrade. */
import { createServer, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { AuthError, bearer } from '../../src/index.js'
import { headOfNode } from '../../src/transport/head.js'
import { ALLOWED, OURS } from './decision-table.js'
import { MODES, withBrowser } from './kit.js'

type Kit = Awaited<ReturnType<typeof withBrowser>>

/** A server that lets in whoever the chain finds, and tells how often it switched protocols. */
async function sockets({ auth }: Pick<Kit, 'auth'>) {
  let switched = 0
  const server = createServer((_request, response) => response.end('plain'))
  server.on('upgrade', async (request, socket) => {
    const { context, failure } = await auth.authenticate(headOfNode(request))
    if (!context) {
      const { status, body } = auth.reject(failure ?? new AuthError('credential_missing'), { method: 'GET' })
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    } else {
      switched++
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { upgrade, switched: () => switched, close: () => server.close() }

  /** `101`, or the code and layer of the refusal. */
  function upgrade(headers: Readonly<Record<string, string>>): Promise<string> {
    return new Promise((resolve, reject) => {
      const all = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'x'.repeat(24),
        ...headers,
      }
      const outgoing = open({ port, host: '127.0.0.1', path: '/live', headers: all, agent: false })
      outgoing.on('upgrade', (incoming, socket) => {
        socket.destroy()
        resolve(String(incoming.statusCode))
      })
      outgoing.on('response', async (incoming) => {
        let text = ''
        for await (const chunk of incoming) text += chunk
        const { code, layer } = text.startsWith('{') ? JSON.parse(text) : { code: text, layer: undefined }
        resolve(layer === undefined ? code : `${code} ${layer}`)
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  }
}

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  test('a socket opens for our own pages and allowed ones, and for no other, with no token that a page could send (case 195)', async () => {
    const kit = await withBrowser({ transports: [transport(), bearer()], cors: { origins: [ALLOWED] } })
    await kit.login()
    const { upgrade, switched, close } = await sockets(kit)
    const cookie = kit.cookie('/')
    expect(await upgrade({ cookie, origin: OURS })).toBe('101')
    expect(await upgrade({ cookie, origin: OURS, upgrade: 'WebSocket', 'sec-fetch-site': 'same-origin' })).toBe('101')
    expect(await upgrade({ cookie, origin: ALLOWED, 'sec-fetch-site': 'cross-site' })).toBe('101')
    expect(switched()).toBe(3)
    for (const origin of [
      'https://evil.example',
      'null',
      `${OURS}.evil.example`,
      `${OURS}:8443`,
      'http://api.example.com',
      '',
    ])
      expect([origin, await upgrade({ cookie, origin })]).toEqual([origin, 'csrf_failed origin'])
    expect(await upgrade({ cookie })).toBe('csrf_failed origin')
    expect(await upgrade({ cookie, ...kit.csrf() })).toBe('csrf_failed origin')
    expect(await upgrade({ cookie, origin: OURS, 'sec-fetch-site': 'same-site' })).toBe('csrf_failed fetch-metadata')
    expect(switched()).toBe(3)
    close()
    await kit.auth.close()
  })

  test('a socket by bearer needs no origin, and one with nothing is nobody’s (case 195)', async () => {
    const kit = await withBrowser({ transports: [transport(), bearer()] })
    const { access } = await kit.auth.tokens.issue(kit.user)
    const { upgrade, close } = await sockets(kit)
    expect(await upgrade({ authorization: `Bearer ${access}` })).toBe('101')
    expect(await upgrade({ authorization: `Bearer ${access}`, origin: 'https://evil.example' })).toBe('101')
    expect(await upgrade({ origin: OURS })).toBe('credential_missing')
    close()
    await kit.auth.close()
  })

  test('an expired token is not renewed for a socket, whose answer carries no cookies that anybody sets', async () => {
    const kit = await withBrowser({ transports: [transport()], silentRefresh: true })
    await kit.login()
    kit.clock.now += 301
    const { upgrade, close } = await sockets(kit)
    expect(await upgrade({ cookie: kit.cookie('/'), origin: OURS })).toBe('token_expired')
    expect((await kit.auth.sessions.list(kit.user.id)).map(({ generation }) => generation)).toEqual([0])
    close()
    await kit.auth.close()
  })
})
