/** A client as the seed's programs are: it keeps cookies, and repeats what it has to. */
import { pythonJson } from '../../src/presets/djwto/json.js'
import type { DjwtoSettings } from '../../src/presets/index.js'
import { application, ORIGIN } from './djwto-kit.js'

export const BASE = '/api/token/refresh'
export const ALICE = { username: 'alice', password: 'password' }

/** A client as `requests.Session` is one: it keeps cookies, and repeats the CSRF cookie where it is told to. */
export async function client(settings: Partial<DjwtoSettings> = {}) {
  const app = await application(settings)
  const jar = new Map<string, { value: string; path: string }>()
  const headers: Record<string, string> = {}
  return { ...app, jar, headers, ask, logIn }

  async function ask(method: string, path: string, form?: Record<string, string>, more: Record<string, string> = {}) {
    const cookie = [...jar].filter(([, at]) => path.startsWith(at.path)).map(([name, { value }]) => `${name}=${value}`)
    const body = form && new URLSearchParams(form)
    const sent = { ...headers, ...(cookie.length > 0 && { cookie: cookie.join('; ') }), ...more }
    const response = await app.send(new Request(ORIGIN + path, { method, headers: sent, ...(body && { body }) }))
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /; Path=([^;]+)/.exec(line)?.[1] ?? '/'
      if (line.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, { value, path })
    }
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  /** And goes on as the seed's programs do: the access token in the header, or the CSRF token and a referer. */
  async function logIn() {
    const answer = await ask('POST', '/login/', ALICE)
    const { access } = JSON.parse(answer.text)
    if (access) headers.authorization = `Bearer ${access}`
    else Object.assign(headers, { 'x-csrftoken': jar.get('csrftoken')?.value, referer: ORIGIN })
    return JSON.parse(answer.text)
  }
}

export const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
/** A refusal as the original writes it. */
export const error = (words: string) => pythonJson({ error: words })
