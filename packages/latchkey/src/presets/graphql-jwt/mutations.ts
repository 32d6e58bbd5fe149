/** What the mutations of django-graphql-jwt do: the operations of REST and the token service, with the original's arguments and answers. */
import type { GraphqlSurface, Mutated, MutationCall } from '../../endpoints/graphql-surface.js'
import type { RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import { parseOpaque } from '../../tokens/format.js'
import type { Credential, Tokens } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { verifyNamed } from './by-name.js'
import { payloadOf } from './format.js'
import { InWords, inWords, say } from './refusals.js'
import { type MutationName, sdlOf } from './sdl.js'
import type { ReadSettings } from './settings.js'

type Arguments = Readonly<Record<string, unknown>>
type Do = (args: Arguments, call: MutationCall) => Promise<Mutated>

export function graphqlJwtSurface(settings: ReadSettings): (tools: RouteTools) => GraphqlSurface {
  const { cookies, relay, longRunning, refreshSeconds } = settings
  const { types, fields, given: payloads } = sdlOf(settings)
  const kind = cookies && 'cookie'
  return (tools) => {
    const { operations, tokens, transports, users, clock } = tools
    const work: Readonly<Record<MutationName, Do>> = {
      tokenAuth,
      verifyToken,
      refreshToken: longRunning ? refresh : renew,
      revokeToken: longRunning ? revoke : revokeSingle,
      deleteTokenCookie: (_args, call) => forgotten('access', call),
      deleteRefreshTokenCookie: (_args, call) => forgotten('refresh', call),
    }
    return {
      types,
      mutations: Object.fromEntries(
        Object.entries(work).map(([name, run]) => [name, { sdl: fields[name as MutationName], run: entered(run) }]),
      ),
      say,
      fields: callers(settings, payloads),
    }

    async function tokenAuth({ username, password }: Arguments, call: MutationCall): Promise<Mutated> {
      // What no account can have is a wrong one.
      if (!isUsable(username) || !isUsable(password)) throw new AuthError('login_failed')
      const { tokens: fresh, delivery } = await operations.login({ username, password, transport: kind }, call)
      // One that renews itself may live longer than it may be traded.
      const refreshExpiresAt = longRunning ? fresh.refreshExpiresAt : fresh.issuedAt + refreshSeconds
      return signedIn({ ...fresh, refreshExpiresAt }, delivery.cookies)
    }

    async function verifyToken({ token }: Arguments, call: MutationCall): Promise<Mutated> {
      const { claims } = await operations.verify({ token: presented(token, call).token }, call)
      return { data: { payload: payloadOf(claims) } }
    }

    /** There is one token, and it is traded for the next one. */
    async function renew({ token: given }: Arguments, call: MutationCall): Promise<Mutated> {
      const via = transports.choose(kind, call.head)
      const { token, via: from } = presented(given, call)
      const { claims, sessionId, subject } = await verifyNamed(() => tokens.renewable(token), users)
      if (from === 'cookie') transports.csrf?.check(call.head, sessionId)
      const { origIat } = claims
      if (typeof origIat !== 'number' || origIat === 0)
        throw new InWords('origIat field is required', 'refresh_invalid')
      if (origIat + refreshSeconds < clock()) throw new AuthError('refresh_expired')
      const { tokens: fresh } = await tokens.refresh(token, call.head, { subject })
      const { cookies: set } = transports.deliver(via, fresh, call.head).delivery
      return signedIn({ ...fresh, refreshExpiresAt: origIat + refreshSeconds }, set)
    }

    async function refresh({ refreshToken: given }: Arguments, call: MutationCall): Promise<Mutated> {
      const via = transports.choose(kind, call.head)
      const token = refreshTokenOf(given, call)
      // Whoever does not ask for the next one goes on with this one: to replace it unseen would lock them out.
      const keep = via !== 'cookie' && !call.asksFor('refreshToken')
      const { tokens: fresh } = await tokens.refresh(token, call.head, { keep }).catch((error) => blame(error, token))
      const { cookies: set } = transports.deliver(via, fresh, call.head).delivery
      const session = keep ? await tokens.sessionOf(token) : undefined
      // One that stays ends when it would have ended.
      const until = session && Math.min(session.expiresAt, session.lastSeenAt + session.idleSeconds)
      return signedIn({ ...fresh, refreshExpiresAt: until ?? fresh.refreshExpiresAt }, set)
    }

    async function revoke({ refreshToken: given }: Arguments, call: MutationCall): Promise<Mutated> {
      const token = refreshTokenOf(given, call)
      const session = await tokens.sessionOf(token)
      if (!session || session.endedAt !== null) throw new AuthError('refresh_invalid')
      // By this token alone: the one in the header may be of another session, or of another user.
      await operations.logout({ token }, { ...call, authentication: async () => ({}) })
      return { data: { revoked: clock() } }
    }

    /** The one token takes the place of the other, as at a refresh: without it nobody could end their session. */
    async function revokeSingle({ refreshToken: given }: Arguments, call: MutationCall): Promise<Mutated> {
      const credential = found(given, call)
      if (!credential) throw new InWords(REQUIRED, 'credential_missing')
      const { sessionId } = await verifyNamed(() => tokens.renewable(credential.token), users).catch(unlessFault)
      if (credential.via === 'cookie') transports.csrf?.check(call.head, sessionId)
      if (sessionId === undefined) throw new InWords('Invalid refresh token', 'refresh_invalid')
      await tools.revoke({ session: sessionId })
      return { data: { revoked: clock() } }
    }

    async function forgotten(what: 'access' | 'refresh', call: MutationCall): Promise<Mutated> {
      const { had, cookies: gone } = await operations.forget({ what }, call)
      return { data: { deleted: had }, cookies: gone }
    }

    function presented(given: unknown, call: MutationCall): Credential {
      const credential = found(given, call)
      if (!credential) throw new InWords('Token is required', 'credential_missing')
      return credential
    }

    function found(given: unknown, { head }: MutationCall): Credential | undefined {
      if (typeof given === 'string') return { token: given, via: 'bearer' }
      const token = cookies && onlyCookie(head.header('cookie'), cookies.access)
      return token === undefined ? undefined : { token, via: 'cookie' }
    }

    function refreshTokenOf(given: unknown, { head }: MutationCall): string {
      const credential = transports.refresh(head, typeof given === 'string' ? given : undefined)
      if (!credential) throw new InWords(REQUIRED, 'credential_missing')
      const { token, via } = credential
      if (via === 'cookie') transports.csrf?.check(head, parseOpaque(token)?.sessionId)
      return token
    }

    /** Shutting somebody out ends their sessions: that is then not the reason to be told. */
    async function blame(error: unknown, token: string): Promise<never> {
      const session = error instanceof AuthError && error.status < 500 ? await tokens.sessionOf(token) : undefined
      const user = session && (await users.findById(session.userId))
      throw user?.active === false ? new AuthError('user_inactive', { reason: 'user_disabled' }) : error
    }
  }

  function signedIn(tokens: Tokens, set: readonly string[]): Mutated {
    const { access: token, refresh: refreshToken, refreshExpiresAt: refreshExpiresIn } = tokens
    const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Claims
    return { data: { payload: payloadOf(claims), token, refreshToken, refreshExpiresIn }, cookies: set }
  }

  /** Takes Relay's one argument apart, and says no in the original's words. */
  function entered(run: Do): Do {
    return async (args, call) => {
      const input = relay ? (args.input as Arguments) : args
      try {
        const { data, cookies: set = [] } = await run(input, call)
        return { data: relay ? { ...data, clientMutationId: input.clientMutationId } : data, cookies: set }
      } catch (error) {
        throw inWords(error, longRunning)
      }
    }
  }
}

/** Each field of a root looks at the token, and says itself what is wrong with it; what signs in and out looks at none. */
function callers(
  { isOpen, argument, header, scheme }: ReadSettings,
  payloads: ReadonlySet<string>,
): NonNullable<GraphqlSurface['fields']> {
  return {
    tells: ({ status }) => status === 401,
    isOpen: (field) => payloads.has(field.type) || isOpen(field),
    argument:
      argument === undefined
        ? undefined
        : {
            name: argument,
            head: (token, head) => ({
              method: head.method,
              header(name) {
                // One that no header can carry is none that anybody made.
                if (name === header) return `${scheme} ${/^[\w.-]+$/.test(token) ? token : '.'}`
                return name === 'cookie' ? undefined : head.header(name)
              },
            }),
          },
  }
}

const REQUIRED = 'Refresh token is required'

const MAX_BYTES = 1_024

/** What is refused names no session; a fault of ours stays what it is. */
function unlessFault(error: unknown): { readonly sessionId: undefined } {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
  return { sessionId: undefined }
}

const isUsable = (text: unknown): text is string =>
  typeof text === 'string' &&
  text !== '' &&
  !text.includes('\0') &&
  text.isWellFormed() &&
  Buffer.byteLength(text) <= MAX_BYTES
