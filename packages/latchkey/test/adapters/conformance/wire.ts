/** HTTP as it stands on the wire: headers may come twice, bodies may lie about their length or never end. */
import { request as send } from 'node:http'

export interface Ask {
  readonly method?: string
  readonly path: string
  /** One `Authorization` header for each. */
  readonly authorization?: string | readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as it stands; anything else as JSON. */
  readonly body?: unknown
  readonly type?: string
}

export interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and every member is asserted.
  readonly body: any
}

/** Sends one request to a server of this machine and reads its whole answer. */
export function ask(port: number, asked: Ask): Promise<Answer> {
  const { method = 'GET', path, authorization = [], headers = {}, body, type = 'application/json' } = asked
  const raw = ['Host', `127.0.0.1:${port}`, ...[authorization].flat().flatMap((value) => ['Authorization', value])]
  for (const [name, value] of Object.entries(headers)) raw.push(name, value)
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  if (text !== undefined) raw.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(text)))
  return new Promise((resolve, reject) => {
    const outgoing = send({ port, host: '127.0.0.1', method, path, headers: raw as never }, async (incoming) => {
      let received = ''
      for await (const chunk of incoming) received += chunk
      const isJson = /json/.test(String(incoming.headers['content-type']))
      resolve({
        status: incoming.statusCode as number,
        headers: incoming.headers,
        text: received,
        body: isJson && received !== '' ? JSON.parse(received) : undefined,
      })
    })
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

/** A body that never says how large it is, sent until an answer comes. */
export function askEndlessly(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = send({ port, host: '127.0.0.1', method: 'POST', path, headers }, (answer) => {
      resolve(answer.statusCode)
      outgoing.destroy()
    })
    outgoing.on('error', reject)
    for (let n = 0; n < 32; n++) outgoing.write(Buffer.alloc(4_096, ' '))
  })
}

/** Begins a body and hangs up once `begun` tells that somebody reads it. */
export async function hangUp(port: number, path: string, begun: () => Promise<void>): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': '100' }
  const outgoing = send({ port, host: '127.0.0.1', method: 'POST', path, headers })
  outgoing.on('error', () => {})
  outgoing.write('{')
  await begun()
  outgoing.destroy()
}
