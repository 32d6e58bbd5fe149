/** djwto's login: a form in, a pair of tokens out, and nothing for whoever is in already. */
import { randomBytes } from 'node:crypto'
import type { Answer, Call, OwnRoute, RouteTools } from '../../endpoints/surface.js'
import { AuthError, type Problem } from '../../errors.js'
import { pythonJson } from './json.js'
import { CHALLENGE, loginFaults } from './refusals.js'
import type { ReadSettings } from './settings.js'
import { csrfCookie } from './transports.js'

type Input = Parameters<OwnRoute['run']>[0]

export function createLogIn({ mode }: Pick<ReadSettings, 'mode'>): OwnRoute['run'] {
  const byCookie = mode !== 'JSON'
  return async (input, call, tools) => {
    const cookies = await ofSignedIn(call, tools)
    if (cookies) return { status: 200, body: { msg: 'User already authenticated.' }, cookies }
    try {
      return await logIn(input, call, tools)
    } catch (error) {
      const faults = error instanceof AuthError ? loginFaults(error) : undefined
      if (!faults) throw error
      const headers = { 'www-authenticate': CHALLENGE }
      return { status: 401, body: { error: pythonJson(faults) }, headers, cookies: byCookie ? [kept(call, tools)] : [] }
    }
  }

  async function logIn(input: Input, call: Call, { operations }: RouteTools): Promise<Answer> {
    const { tokens, delivery } = await operations.login(credentials(input), call)
    const { body, cookies } = delivery
    if (byCookie) return { status: 200, body: { msg: 'Tokens successfully created.' }, cookies }
    // Django sets one at every login, although nothing asks for it in this mode.
    const csrf = csrfCookie(newToken(), tokens.issuedAt)
    return { status: 200, body: { refresh: body.refresh, access: body.access }, cookies: [csrf] }
  }

  /**
   * The cookies to answer whoever has a good access token; `undefined` for everybody else. What is no good must not keep anybody from
   * logging in.
   */
  async function ofSignedIn(
    { head }: Call,
    { transports, tokens, clock }: RouteTools,
  ): Promise<readonly string[] | undefined> {
    try {
      const credential = transports.access(head)
      if (!credential) return undefined
      const { sessionId } = await tokens.verify(credential.token)
      const csrf = sessionId === undefined ? undefined : transports.csrf?.tokenFor(sessionId, head)
      return csrf === undefined ? [] : [csrfCookie(csrf, clock())]
    } catch (error) {
      if (error instanceof AuthError && error.status < 500) return undefined
      throw error
    }
  }
}

/** Django gives everybody who came to log in a CSRF cookie; one without a session opens nothing. */
function kept({ head }: Call, { transports, clock }: RouteTools): string {
  const given = transports.csrfCookie(head)
  return csrfCookie(given !== undefined && /^[\da-zA-Z]{64}$/.test(given) ? given : newToken(), clock())
}

const newToken = (): string => randomBytes(32).toString('hex')

/** As Django's form reads them: a name without the space around it, a password to the letter. */
function credentials({ username = '', password = '' }: Input): { username: string; password: string } {
  const given = { username: String(username).trim(), password: String(password) }
  const problems = Object.entries(given).flatMap(([path, value]): Problem[] =>
    value === '' ? [{ path, rule: 'required', message: 'This is required.' }] : [],
  )
  if (problems.length > 0) throw new AuthError('request_invalid', { problems })
  return given
}
