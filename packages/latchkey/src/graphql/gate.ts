/** What stands before every operation, on whichever server: the request, its limits, its caller; and how its errors read. */
import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import type { GraphqlSurface } from '../endpoints/graphql-surface.js'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { RequestHead } from '../transport/head.js'
import { createCache } from '../util/cache.js'
import { createAdmissions } from './admission.js'
import { type Caller, callerOn, type GraphqlContext } from './caller.js'
import { finder, type GraphqlRequest } from './context.js'
import { checkSource, checkVariables, LIMITS, type Limits } from './limits.js'
import type { Asking } from './needs.js'
import { boundBy, type ProtectOptions } from './protect.js'
import { refusalBehind, toGraphQLError } from './refusal.js'
import { askBefore } from './verdicts.js'
import { createWatch, type Watch } from './watch.js'

/** How Latchkey stands in a GraphQL server. */
export interface GraphqlOptions extends ProtectOptions {
  /** What a document may ask for at most. */
  readonly limits?: Partial<Limits>
  /** Mutations of your own that look at a password or a refresh token, beside those of `authFields`. */
  readonly credentialChecks?: readonly string[]
  /** Shows strangers the schema and operators' hints to everybody. Default: whether NODE_ENV is `development` or `test`. */
  readonly development?: boolean
  /** Learns of faults, never of refusals; callers read the id of their request instead. */
  readonly failed?: (error: unknown, about: { readonly requestId: string }) => void
}

/** As much of an auth as a server needs. */
export type GraphqlAuth<U extends User = User, C extends object = object> = Pick<
  Auth<U, C>,
  'authenticate' | 'peer' | 'reject'
> & {
  /** What a preset makes of it; absent or `undefined`: our own words and codes. */
  readonly graphql?: GraphqlSurface | undefined
}

/** A refusal of a whole request, for any server to write down. */
export interface Refused {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly error: GraphQLError
}

/** What may have to be waited for is a promise only where it has to: a server with a promise more for each request keeps less of its pace. */
export interface Gate {
  readonly limits: Limits
  /** Who is on a connection that outlives its request. */
  readonly watch: Watch
  /** The head alone. Throws `media_type_unsupported` for what a page of another site can send without asking. */
  checkHead(head: RequestHead): void
  /** The text of a document, before it is parsed. Throws `request_too_large`, `request_invalid`. */
  checkText(query: unknown): void
  /** Throws `request_invalid`. */
  checkVariables(variables: unknown): void
  /**
   * Who calls; cookies go to the response where there is one; `head`, where it was read before. Throws `csrf_failed` for a question by
   * link or image that a cookie came with.
   */
  identify(request: GraphqlRequest, response?: object, head?: RequestHead): GraphqlContext | Promise<GraphqlContext>
  /** A whole operation that is parsed and valid. Throws or rejects with what it is refused with before anything runs. */
  admit(asking: Asking, context: unknown): void | Promise<void>
  /** A thrown error as a refusal of the whole request. */
  refuse(error: unknown, head: RequestHead | undefined): Refused
  /** An error of a result as its caller may read it. */
  present(error: unknown, context: unknown): GraphQLError
  /** An error of the document, without what it tells strangers of the schema. */
  conceal(error: unknown, context: unknown): unknown
}

/** Headers that no page of another site can send without asking first. */
const PREFLIGHTED = [
  'x-csrf-token',
  'x-requested-with',
  'graphql-require-preflight',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'x-graphql-yoga-csrf',
  'mercurius-require-preflight',
] as const

/** Texts that were counted before; together they take a few megabytes at most. */
const REMEMBERED = 500
const REMEMBERED_LENGTH = 4_096

const CREDENTIAL_CHECKS = ['login', 'refresh', 'tokenAuth', 'refreshToken', 'verifyToken']

export function createGate(auth: GraphqlAuth, options: GraphqlOptions): Gate {
  const limits = { ...LIMITS, ...options.limits }
  const checks = [...CREDENTIAL_CHECKS, ...(options.credentialChecks ?? [])]
  const development = options.development ?? ['development', 'test'].includes(process.env.NODE_ENV ?? '')
  const find = finder(auth)
  const admissionOf = createAdmissions(limits, checks)
  const passed = createCache<string, true>(REMEMBERED)
  return {
    limits,
    watch: createWatch(),
    checkHead,
    checkText,
    checkVariables: (variables) => checkVariables(variables, limits),
    identify,
    admit,
    refuse,
    present,
    conceal,
  }

  function checkText(query: unknown): void {
    if (typeof query !== 'string' || passed.get(query)) return
    checkSource(query, limits)
    if (query.length <= REMEMBERED_LENGTH) passed.set(query, true)
  }

  function identify(request: GraphqlRequest, response?: object, head?: RequestHead) {
    const found = find(request, response, head)
    return found instanceof Promise ? found.then(identified) : identified(found)
  }

  function identified(context: GraphqlContext): GraphqlContext {
    const { head, cookies, response } = callerOn(context) as Caller
    if (response && cookies.length > 0) setCookies(response, cookies)
    const isAsked = head.method === 'GET' && context.auth?.via === 'cookie' && head.header('upgrade') === undefined
    if (isAsked && !PREFLIGHTED.some((name) => head.header(name)) && !isJson(head.header('content-type')))
      throw new AuthError('csrf_failed', {
        layer: 'token',
        hint: 'a GET by cookie needs a header such as X-CSRF-Token',
      })
    return context
  }

  function admit(asking: Asking, context: unknown): void | Promise<void> {
    const { introspects, needs } = admissionOf(asking.document)
    const caller = callerOn(context)
    if (introspects && !development && isStranger(context)) throw caller?.failure ?? new AuthError('credential_missing')
    const bound = boundBy(asking.schema)
    const rules = bound && needs(asking, bound)
    if (!rules || rules.size === 0) return undefined
    if (caller?.failure && !auth.graphql?.fields?.tells(caller.failure)) throw caller.failure
    return caller && askBefore(rules, context as object)
  }

  function refuse(error: unknown, head: RequestHead | undefined): Refused {
    const { status, headers } = auth.reject(error, head && { method: head.method, head })
    // The body is GraphQL's, and so is its type.
    const { 'content-type': _type, ...rest } = headers
    const told = error instanceof AuthError && status < 500 ? error : errorOf(error)
    return { status, headers: rest, error: toGraphQLError(told, { hint: development }) }
  }

  function present(error: unknown, context: unknown): GraphQLError {
    const cause = causeOf(error)
    const said = auth.graphql?.say?.(refusalBehind(cause) ?? cause)
    if (said) return at(error, { message: said.message, extensions: withSilent(said.code) })
    if (cause instanceof AuthError && cause.status < 500) return at(error, toGraphQLError(cause, { hint: development }))
    if (isGraphQL(cause) || isSaid(cause)) {
      return conceal<GraphQLError>(isGraphQL(error) ? error : at(cause, cause), context)
    }
    const requestId = idOf(callerOn(context)?.head)
    options.failed?.(cause, { requestId })
    return at(error, toGraphQLError(errorOf(cause), { hint: development, more: { requestId } }))
  }

  function conceal<E>(error: E, context: unknown): E | GraphQLError {
    return development || !isStranger(context) || !isGraphQL(error) ? error : withoutSuggestions(error)
  }
}

/** Sent by a form or by a script of another page without asking: anything but JSON. Of a question in the URL the type is none, or JSON. */
function checkHead(head: RequestHead): void {
  const type = head.header('content-type')
  const isPost = head.method === 'POST'
  if ((isPost || (head.method === 'GET' && type !== undefined)) && !isJson(type))
    throw new AuthError('media_type_unsupported')
  if (isPost && (head.header('content-encoding') ?? 'identity') !== 'identity')
    throw new AuthError('media_type_unsupported', { hint: 'a compressed body' })
}

const isJson = (type: string | undefined): boolean =>
  type === 'application/json' || type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'

const isStranger = (context: unknown): boolean => (context as Partial<GraphqlContext> | undefined)?.auth === undefined

/** What it was before GraphQL put a place to it. */
function causeOf(error: unknown): unknown {
  let cause = error
  for (let i = 0; i < 8 && isGraphQL(cause) && cause.originalError; i += 1) cause = cause.originalError
  return cause
}

/** Also of another copy of graphql, as servers bring them. */
const isGraphQL = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError')

/** An error that the application gave `extensions` is meant for callers. */
const isSaid = (error: unknown): error is GraphQLError =>
  error instanceof Error && typeof (error as Partial<GraphQLError>).extensions === 'object'

/** Of a system that had no codes: nobody is sent this one, but Apollo Server does not put one of its own in its place. */
const withSilent = (code: string): object => Object.defineProperty({}, 'code', { value: code, enumerable: false })

/** What is told instead of an error, at the place of that error. */
function at(error: unknown, { message, extensions }: { message: string; extensions: object }): GraphQLError {
  const { nodes, source, positions, path } = error as Partial<GraphQLError>
  return new GraphQLError(message, { nodes, source, positions, path, extensions } as object)
}

/** Suggestions spell out what a schema has. */
function withoutSuggestions(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean [^?]*\?/g, '')
  return message === error.message ? error : at(error, { message, extensions: error.extensions })
}

/** A fault as callers read it. */
const errorOf = (error: unknown): AuthError =>
  error instanceof AuthError && error.code !== 'options_invalid' ? error : new AuthError('store_failed')

function idOf(head: RequestHead | undefined): string {
  const given = head?.header('x-request-id')
  return given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
}
