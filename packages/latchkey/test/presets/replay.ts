/** Replays what was recorded from an original: the same requests with tokens of ours, and both answers in one comparable form. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Recording {
  readonly label: string
  readonly request: { method: string; path: string; headers: Record<string, string>; body: string | null }
  readonly response: { status: number; headers: Record<string, string>; body: string }
}

/** An answer without what differs from day to day: tokens are shown as what they say, their dates and ids masked. */
export interface Shown {
  readonly status: number
  readonly challenge: string | null
  readonly allow: string | null
  readonly type: string | null
  readonly body: unknown
}

const TOKEN = /[\w-]{8,}\.[\w-]+\.[\w-]*/g

export const recordings = (name: string): readonly Recording[] =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'))

/** Knows which of our tokens stands for which of the original's, and signs anew those that were made for a test. */
export function createReplay(key: string, send: (request: Request) => Promise<Response>) {
  const ours = new Map<string, string>()
  return async ({ label, request, response: original }: Recording): Promise<{ ours: Shown; original: Shown }> => {
    const translate = (text: string) => text.replace(TOKEN, (token) => ours.get(token) ?? resigned(token, label))
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, translate(value)])
    const body = request.body === null ? null : translate(request.body)
    const url = `http://localhost${request.path}`
    const response = await send(new Request(url, { method: request.method, headers, body }))
    const text = await response.text()
    learn(original.body, text)
    const recorded = new Response(original.body, { status: original.status, headers: original.headers })
    return { ours: show(response, text), original: show(recorded, original.body) }
  }

  function resigned(token: string, label: string): string {
    const [header = '', payload = ''] = token.split('.')
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
    if (alg === 'none') return `${header}.${payload}.`
    const secret = label.includes('wrong key') ? `not ${key}` : key
    const mac = createHmac(alg === 'HS512' ? 'sha512' : 'sha256', secret).update(`${header}.${payload}`)
    return `${header}.${payload}.${mac.digest('base64url')}`
  }

  function learn(theirBody: string, ourBody: string): void {
    const theirs = members(theirBody)
    const mine = members(ourBody)
    for (const name of ['access', 'refresh', 'token']) {
      const [old, fresh] = [theirs[name], mine[name]]
      if (typeof old === 'string' && typeof fresh === 'string') ours.set(old, fresh)
    }
  }
}

function show(response: Response, text: string): Shown {
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    allow: response.headers.get('allow'),
    type: response.headers.get('content-type')?.split(';', 1)[0] ?? null,
    body: text.startsWith('{')
      ? JSON.parse(text, (_, value) => (typeof value === 'string' ? shown(value) : value))
      : text,
  }
}

/** A token as its header and its claims, in their order; the session claim of ours is left out, and must be there. */
function shown(value: string): string {
  return value.replace(TOKEN, (token) => {
    const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    const claims = Object.entries(JSON.parse(payload)).filter(([name]) => name !== 'sid')
    return `${header} ${JSON.stringify(claims.map(([name, claim]) => [name, masked(name, claim)]))}`
  })
}

function masked(name: string, claim: unknown): unknown {
  if (['exp', 'iat', 'refresh_exp'].includes(name)) return Number.isSafeInteger(claim) ? 'seconds' : claim
  return name === 'jti' && /^[0-9a-f]{32}$/.test(String(claim)) ? '32 hex' : claim
}

function members(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
