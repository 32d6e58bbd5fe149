/** What the mutations of django-graphql-jwt do: the operations of REST and the token service, with the original's arguments and answers. */
import type { GraphqlSurface, Mutated, MutationCall } from '../../endpoints/graphql-surface.js'
import type { RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import { type Arguments, accessToken, type Do, signedIn } from './credentials.js'
import { payloadOf } from './format.js'
import { createLongRunning } from './long-running.js'
import { inWords, say } from './refusals.js'
import { type MutationName, sdlOf } from './sdl.js'
import type { ReadSettings } from './settings.js'
import { createSingle } from './single.js'

export function graphqlJwtSurface(settings: ReadSettings): (tools: RouteTools) => GraphqlSurface {
  const { relay, longRunning } = settings
  const { types, fields, given } = sdlOf(settings)
  return (tools) => ({
    types,
    mutations: Object.fromEntries(
      Object.entries(doing(settings, tools)).map(([name, run]) => [
        name,
        { sdl: fields[name as MutationName], run: entered(run) },
      ]),
    ),
    say,
    fields: callers(settings, given),
  })

  /** Takes Relay's one argument apart, and says no in the original's words. */
  function entered(run: Do): Do {
    return async (args, call) => {
      const input = relay ? (args.input as Arguments) : args
      try {
        const { data, cookies = [] } = await run(input, call)
        return { data: relay ? { ...data, clientMutationId: input.clientMutationId } : data, cookies }
      } catch (error) {
        throw inWords(error, longRunning)
      }
    }
  }
}

function doing(settings: ReadSettings, tools: RouteTools): Readonly<Record<MutationName, Do>> {
  const { cookies, longRunning, refreshSeconds } = settings
  const { operations } = tools
  const { refresh, revoke } = longRunning ? createLongRunning(settings, tools) : createSingle(settings, tools)
  return {
    async tokenAuth({ username, password }, call) {
      // What no account can have is a wrong one.
      if (!isUsable(username) || !isUsable(password)) throw new AuthError('login_failed')
      const transport = cookies && 'cookie'
      const { tokens, delivery } = await operations.login({ username, password, transport }, call)
      // One that renews itself may live longer than it may be traded.
      const until = longRunning ? tokens.refreshExpiresAt : tokens.issuedAt + refreshSeconds
      return signedIn(tokens, until, delivery.cookies)
    },

    async verifyToken({ token }, call) {
      const { claims } = await operations.verify({ token: accessToken(token, call, cookies).token }, call)
      return { data: { payload: payloadOf(claims) } }
    },

    refreshToken: refresh,
    revokeToken: revoke,
    deleteTokenCookie: (_args, call) => forgotten('access', call),
    deleteRefreshTokenCookie: (_args, call) => forgotten('refresh', call),
  }

  async function forgotten(what: 'access' | 'refresh', call: MutationCall): Promise<Mutated> {
    const { had, cookies: gone } = await operations.forget({ what }, call)
    return { data: { deleted: had }, cookies: gone }
  }
}

/** Each field of a root looks at the token, and says itself what is wrong with it; what signs in and out looks at none. */
function callers(
  { isOpen, argument, header, scheme }: ReadSettings,
  given: ReadonlySet<string>,
): NonNullable<GraphqlSurface['fields']> {
  return {
    tells: ({ status }) => status === 401,
    isOpen: (field) => given.has(field.type) || isOpen(field),
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

const MAX_BYTES = 1_024

const isUsable = (text: unknown): text is string =>
  typeof text === 'string' &&
  text !== '' &&
  !text.includes('\0') &&
  text.isWellFormed() &&
  Buffer.byteLength(text) <= MAX_BYTES
