/** A whole auth in front of a guarded route on a socket, its issuer the hostile server of keys, and both clocks in the hands of the test. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { vi } from 'vitest'
import { authenticate, authorize } from '../../src/adapters/node.js'
import { type Accounts, type Auth, type AuthOptions, createAuth, signedIn } from '../../src/index.js'
import type { IssuerOptions } from '../../src/issuer-options.js'
import { createSigner } from '../../src/jwt/index.js'
import type { Key } from '../../src/jwt/key.js'
import type { Account } from '../../src/stores/port.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { type HostileServer, hostileServer, type Mode } from '../keys/remote/hostile-server.js'
import { named } from '../keys/remote/kit.js'

export const START = 1_800_000_000
export const COOL_DOWN = 30

/** Keys of the issuer, and one of somebody who would like to be it. */
export const a = named('a')
export const b = named('b')
export const evil = named('a')

const closing: (() => Promise<void>)[] = []

/** To be called after each test. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close()
  vi.restoreAllMocks()
}

/** A server of keys that goes away with its test. */
export async function server(mode: Mode): Promise<HostileServer> {
  const made = await hostileServer({ mode })
  closing.push(made.close)
  return made
}

export interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: number | undefined
}

export interface Attacked {
  readonly auth: Auth<Account, object, Accounts>
  readonly time: { now: number }
  readonly port: number
  /** One GET of the guarded route. */
  get(token: string): Promise<Answer>
  /** An access token of our own, issued now. */
  own(): Promise<string>
  close(): Promise<void>
}

/** The row of the hostile server; without users, so that only its keys count. */
export const rowOf = (keys: HostileServer, more: Partial<IssuerOptions> = {}): IssuerOptions => ({
  id: 'hostile',
  issuer: keys.origin,
  keys: { jwksUrl: keys.jwksUrl },
  algorithms: ['ES256'],
  audience: ISSUER,
  users: 'none',
  ...more,
})

/** An auth that trusts those rows, and its guarded route. The monotonic clock goes as the wall clock does. */
export async function attacked(
  issuers: readonly IssuerOptions[],
  more: Partial<AuthOptions<Account>> = {},
  time = { now: START },
): Promise<Attacked> {
  vi.spyOn(performance, 'now').mockImplementation(() => (time.now - START) * 1000)
  const auth = createAuth({
    ...{ issuer: ISSUER, database: 'memory', secret: SECRET, clock: () => time.now, development: true, issuers },
    ...more,
    users: undefined,
  })
  const [identify, admit] = [authenticate(auth), authorize(auth, signedIn)]
  const guarded = createServer(async (request, response) => {
    await identify(request)
    if (await admit(request, response)) response.end('{}')
  })
  await new Promise<void>((done) => guarded.listen(0, '127.0.0.1', done))
  const { port } = guarded.address() as AddressInfo
  let isOpen = true
  const close = async () => {
    if (isOpen) await Promise.all([stop(guarded), auth.close()])
    isOpen = false
  }
  closing.push(close)
  return { auth, time, port, close, own, get: async (token) => (await flood(port, [token]))[0] as Answer }

  async function own(): Promise<string> {
    const user = (await auth.users.byUsername('own')) ?? (await auth.users.create({ username: 'own' }))
    return (await auth.tokens.issue(user)).access
  }
}

async function stop(guarded: Server): Promise<void> {
  guarded.closeAllConnections()
  await new Promise((done) => guarded.close(done))
}

/** Requests with each of these tokens, written at once over a few sockets; the answers in the order of the tokens. */
export async function flood(port: number, tokens: readonly string[], sockets = 4): Promise<readonly Answer[]> {
  const share = Math.ceil(tokens.length / sockets)
  const shares = Array.from({ length: sockets }, (_, at) => tokens.slice(at * share, (at + 1) * share))
  return (await Promise.all(shares.map((some) => pipelined(port, some)))).flat()
}

function pipelined(port: number, tokens: readonly string[]): Promise<readonly Answer[]> {
  const request = (token: string, at: number) =>
    `GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: ${at + 1 < tokens.length ? 'keep-alive' : 'close'}\r\n\r\n`
  if (tokens.length === 0) return Promise.resolve([])
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => void socket.write(tokens.map(request).join('')))
    socket.setEncoding('latin1').on('data', (chunk) => (text += chunk))
    socket.on('error', reject).on('close', () => resolve(text.split(/(?=HTTP\/1\.1 \d{3} )/).map(answerOf)))
  })
}

const answerOf = (text: string): Answer => ({
  status: Number(text.slice(9, 12)),
  code: /"code":"(\w+)"/.exec(text)?.[1],
  retryAfter: Number(/\r\nretry-after: (\d+)/i.exec(text)?.[1]) || undefined,
})

/** Signs as an issuer does, for an hour. */
export function mint(iss: string, key: Key = a, claims: Record<string, unknown> = {}, at = START): string {
  const good = { iss, aud: ISSUER, sub: 'u-1', iat: at, exp: at + 3_600 }
  return createSigner(key, { typ: 'JWT' })({ ...good, ...claims })
}

/** A token in good form that nobody signed, with a header and an issuer of the sender's choice. */
export function junk(header: object, iss: string, more: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss, aud: ISSUER, sub: 'u-1', iat: START, exp: START + 3_600, ...more }
  return `${part({ alg: 'ES256', typ: 'JWT', ...header })}.${part(claims)}.${Buffer.alloc(64, 7).toString('base64url')}`
}
