/** A server for clients: the wire of the endpoints, sessions that rotate and notice reuse, and faults on demand. */
import type { World } from './world.js'

interface Session {
  readonly id: string
  readonly user: string
  generation: number
  rotatedAt: number
  ended: boolean
}

interface Pass {
  readonly session: Session
  readonly expiresAt: number
}

export interface ServerOptions {
  readonly mode?: 'split' | 'one'
  readonly accessSeconds?: number
  readonly origin?: string
  /** Before cookie names. */
  readonly prefix?: string
}

/** What comes instead of an answer. `lost`, `stuck`: the request is done, and the answer breaks on its way or never comes. */
export type Fate = Response | Error | 'lost' | 'stuck'

/** Decides the fate of a request; `undefined`: it is answered. */
export type Fault = (request: Request) => Fate | undefined

export function createServer({
  mode = 'split',
  accessSeconds = 300,
  origin = 'https://app.example.com',
  prefix = '__Host-',
}: ServerOptions = {}) {
  const sessions = new Map<string, Session>()
  const passes = new Map<string, Pass>()
  const names = {
    payload: `${prefix}access_payload`,
    signature: `${prefix}access_signature`,
    access: `${prefix}access_token`,
  }
  const csrfName = `${prefix}csrf_token`
  const seen: Seen[] = []
  const server = {
    world: undefined as World | undefined,
    seen,
    sessions,
    rotations: 0,
    graced: 0,
    reused: 0,
    faults: [] as Fault[],
    extra: {} as Record<string, unknown>,
    answer,
    calls: (path: string) => seen.filter((one) => one.path === path).length,
    endAll,
    forgetTokens: () => passes.clear(),
  }
  return server

  function endAll(): void {
    for (const session of sessions.values()) session.ended = true
  }

  async function answer(request: Request, cookieHeader: string): Promise<Response | Error | 'stuck'> {
    const path = new URL(request.url).pathname
    const headers = Object.fromEntries(request.headers)
    const text = await request.text()
    seen.push({ method: request.method, url: request.url, path, headers, text, credentials: request.credentials })
    if (new URL(request.url).origin !== origin) return new Response('elsewhere')
    const fault = server.faults.map((one) => one(request)).find((one) => one !== undefined)
    if (fault instanceof Response || fault instanceof Error) return fault
    const cookies = new Map(cookieHeader.split('; ').map((pair) => pair.split('=') as [string, string]))
    const response = route(request.method, path, headers, text, cookies)
    if (fault === 'stuck') return fault
    return fault === 'lost' ? new TypeError('network error') : response
  }

  function route(
    method: string,
    path: string,
    headers: Record<string, string>,
    text: string,
    cookies: ReadonlyMap<string, string>,
  ): Response {
    const input = text.startsWith('{') ? JSON.parse(text) : {}
    const refresh = input.refresh_token ?? cookies.get('__Secure-refresh_token')
    const said = headers['x-csrf-token']
    const isGenuine = said !== undefined && said === cookies.get(csrfName) && sessions.has(said.replace('csrf-', ''))
    if (path === '/auth/login') {
      if (input.password !== 'good') return problem(401, 'login_failed')
      const id = `s${sessions.size + 1}`
      sessions.set(id, { id, user: input.username, generation: 0, rotatedAt: 0, ended: false })
      return signedIn(sessions.get(id) as Session, input.transport === 'bearer')
    }
    if (path === '/auth/refresh') {
      if (refresh === undefined) return problem(401, 'credential_missing')
      const isBearer = input.refresh_token !== undefined
      if (!isBearer && !isGenuine) return problem(403, 'csrf_failed', { layer: 'token' })
      return rotate(refresh, isBearer)
    }
    if (path === '/auth/csrf') return json(200, { csrf_token: cookies.get(csrfName) ?? null })
    const pass = accessOf(headers, cookies)
    if (path === '/auth/logout') {
      const session =
        sessions.get(refresh?.split('.')[0] ?? '') ?? (pass instanceof Response ? undefined : pass.session)
      if (!session) return problem(401, 'credential_missing')
      if (input.refresh_token === undefined && !isGenuine) return problem(403, 'csrf_failed', { layer: 'token' })
      session.ended = true
      return forgetting(new Response(null, { status: 204 }))
    }
    if (pass instanceof Response) return pass
    const isByCookie = headers.authorization === undefined
    if (isByCookie && !/^(GET|HEAD|OPTIONS)$/.test(method) && !isGenuine)
      return problem(403, 'csrf_failed', { layer: 'token' })
    if (path === '/auth/me') return json(200, partOf(pass.session))
    return json(200, { user: pass.session.user, text })
  }

  function accessOf(headers: Record<string, string>, cookies: ReadonlyMap<string, string>): Pass | Response {
    const halves = [cookies.get(names.payload), cookies.get(names.signature)]
    const joined = halves[0] && halves[1] ? halves.join('.') : undefined
    if (!headers.authorization && halves.some(Boolean) && !joined) return problem(401, 'token_expired')
    const token = headers.authorization?.slice(7) ?? joined ?? cookies.get(names.access)
    if (token === undefined) return problem(401, 'credential_missing')
    const pass = passes.get(token)
    if (!pass) return problem(401, 'token_invalid')
    if (pass.session.ended) return problem(401, 'token_revoked')
    return pass.expiresAt <= now() ? problem(401, 'token_expired') : pass
  }

  function rotate(token: string, isBearer: boolean): Response {
    const [id = '', generation] = token.split('.')
    const session = sessions.get(id)
    if (!session || session.ended) return forgetting(problem(401, 'session_revoked'))
    const age = session.generation - Number(generation)
    if (age === 1 && now() - session.rotatedAt <= 10) server.graced++
    else if (age !== 0) {
      server.reused++
      session.ended = true
      return forgetting(problem(401, 'refresh_reused'))
    } else {
      server.rotations++
      session.generation++
      session.rotatedAt = now()
    }
    return signedIn(session, isBearer)
  }

  function signedIn(session: Session, isBearer: boolean): Response {
    const at = Math.floor(now())
    const claims = {
      sub: session.user,
      ...server.extra,
      iat: at,
      exp: at + accessSeconds,
      sid: session.id,
      n: passes.size,
    }
    const token = `${encode({ alg: 'ES256' })}.${encode(claims)}.sig${passes.size}`
    passes.set(token, { session, expiresAt: at + accessSeconds })
    const refresh = `${session.id}.${session.generation}`
    const common = { expires_in: accessSeconds, refresh_expires_in: 86_400, user: partOf(session) }
    if (isBearer) return json(200, { ...common, access_token: token, token_type: 'Bearer', refresh_token: refresh })
    const response = json(200, { ...common, csrf_token: `csrf-${session.id}` })
    const dot = token.lastIndexOf('.')
    if (mode === 'split') {
      set(response, `${names.payload}=${token.slice(0, dot)}; Max-Age=${accessSeconds}`)
      set(response, `${names.signature}=${token.slice(dot + 1)}; Max-Age=${accessSeconds}; HttpOnly`)
    } else set(response, `${names.access}=${token}; Max-Age=${accessSeconds}; HttpOnly`)
    set(response, `__Secure-refresh_token=${refresh}; Max-Age=86400; HttpOnly`)
    set(response, `${csrfName}=csrf-${session.id}; Max-Age=86400`)
    return response
  }

  function forgetting(response: Response): Response {
    for (const name of [...Object.values(names), '__Secure-refresh_token', csrfName])
      set(response, `${name}=; Max-Age=0`)
    return response
  }

  function partOf({ user }: Session): Record<string, unknown> {
    return { id: user, username: user }
  }

  function now(): number {
    return (server.world?.now ?? 0) / 1000
  }
}

export type FakeServer = ReturnType<typeof createServer>

/** A request that arrived. */
interface Seen {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly text: string
  readonly credentials: string
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const set = (response: Response, line: string): void => response.headers.append('set-cookie', line)

const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** A refusal as the endpoints write it. */
export const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify({ type: `urn:latchkey:error:${code}`, title: `It is ${code}.`, status, code, ...more }), {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
  })
