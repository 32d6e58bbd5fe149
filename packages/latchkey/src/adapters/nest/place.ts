/** Where a guard of NestJS is asked: at a route, a resolver or a message, with the request behind each of them. */
import type { IncomingMessage } from 'node:http'
import type { ArgumentsHost } from '@nestjs/common'
import { setCookies } from '../../endpoints/by-hand.js'
import type { Rejection } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import { Refusal } from './refusal.js'
import { type Client, upgradeOf } from './upgrade.js'

/** The request of Express, or that of Fastify around it. */
type NestRequest = IncomingMessage & { readonly raw?: IncomingMessage; readonly res?: object }

/** One of the three kinds of contexts. */
export interface Place {
  /** What the caller is attached to. */
  readonly carrier: object
  readonly request: IncomingMessage
  /** A socket outlives its messages: whoever was let in by one is looked at again for the next. */
  readonly isLasting: boolean
  setCookies(cookies: readonly string[]): void
  /** The error to throw, as this kind of context answers it. */
  refusal(error: unknown, rejection: Rejection): Promise<Error>
}

/** The place of a context. Throws `options_invalid` where there is no request in it. */
export function placeOf(context: ArgumentsHost): Place {
  const type = context.getType<string>()
  if (type === 'http') return atRoute(context.switchToHttp().getRequest(), context.switchToHttp().getResponse())
  if (type === 'graphql') return atResolver(context.getArgByIndex(2))
  if (type === 'ws') return atMessage(context.switchToWs().getClient())
  throw missing(`a context of the kind ${type}`)
}

function atRoute(given: NestRequest, response: { header(name: string, value: string): void }): Place {
  return {
    carrier: given,
    request: given.raw ?? given,
    isLasting: false,
    setCookies: (cookies) => setCookies(response, cookies),
    refusal: async (cause, rejection) => {
      for (const [name, value] of Object.entries(rejection.headers)) response.header(name, value)
      return new Refusal(rejection, cause)
    },
  }
}

/** The context of a GraphQL server holds the request as `req` or `request`, and for subscriptions in `extra`. */
function atResolver(context: { req?: NestRequest; request?: NestRequest; extra?: { request?: NestRequest } }): Place {
  const given = context?.req ?? context?.request ?? context?.extra?.request
  if (!given) throw missing('the context of GraphQL: put `req` into it')
  return {
    carrier: given,
    request: given.raw ?? given,
    isLasting: false,
    setCookies: (cookies) => given.res && setCookies(given.res, cookies),
    refusal: async (error) => {
      const { toGraphQLError } = await import('../../graphql/refusal.js')
      return toGraphQLError(error instanceof AuthError ? error : new AuthError('store_failed'))
    },
  }
}

function atMessage(client: Client): Place {
  const request = upgradeOf(client)
  if (!request) throw missing('the socket: keepUpgrade(client, request) in handleConnection keeps it')
  return {
    carrier: client,
    request,
    isLasting: true,
    setCookies: () => {},
    refusal: async (error, { body }) => {
      const { WsException } = await import('@nestjs/websockets')
      return Object.assign(new WsException(JSON.parse(body)), { cause: error })
    },
  }
}

const missing = (where: string): AuthError =>
  new AuthError('options_invalid', { hint: `no request was found in ${where}` })
