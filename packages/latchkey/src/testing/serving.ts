/** What a fake issuer publishes: its metadata and its keys, in process and over a port of this machine. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PublicJwk } from '../jwt/key.js'

/** What is published now. */
export interface Published {
  readonly issuer: string
  readonly algorithm: string
  readonly jwks: { readonly keys: readonly PublicJwk[] }
}

export interface Serving {
  /** The URL of the port, once there was one. */
  readonly url: string | undefined
  answer(path: string): Response
  listen(port?: number): Promise<string>
  close(): Promise<void>
}

const METADATA = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?:\/|$)/

export function createServing(published: () => Published): Serving {
  let server: Server | undefined
  let url: string | undefined
  return {
    get url() {
      return url
    },
    answer,
    listen,
    close,
  }

  function answer(path: string): Response {
    const { issuer, algorithm, jwks } = published()
    if (path === '/jwks') return Response.json(jwks)
    if (!METADATA.test(path)) return Response.json({}, { status: 404 })
    return Response.json({
      issuer,
      jwks_uri: new URL('/jwks', issuer).href,
      response_types_supported: ['none'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    })
  }

  async function listen(port = 0): Promise<string> {
    await close()
    const opened = createServer(async (request, response) => {
      const found = answer((request.url ?? '/').split('?', 1)[0] as string)
      response.writeHead(found.status, Object.fromEntries(found.headers)).end(await found.text())
    })
    await new Promise<void>((done, failed) => {
      opened.once('error', failed)
      opened.listen(port, '127.0.0.1', done)
    })
    // A test that forgets it does not hang.
    opened.unref()
    server = opened
    url = `http://127.0.0.1:${(opened.address() as AddressInfo).port}`
    return url
  }

  async function close(): Promise<void> {
    const closing = server
    server = undefined
    if (!closing) return
    await new Promise((done) => {
      closing.close(done)
      closing.closeAllConnections()
    })
  }
}
