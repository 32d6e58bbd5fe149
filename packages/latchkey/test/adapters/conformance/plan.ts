/** The application that every framework builds: areas with an auth each, their guards, and what their handlers answer. */
import type { Server } from 'node:http'
import type { PassedError } from '../../../src/adapters/guarding.js'
import {
  type Auth,
  type AuthContext,
  fresh,
  type Guard,
  permission,
  scope,
  signedIn,
  where,
} from '../../../src/index.js'
import type { World } from './world.js'

// biome-ignore lint/suspicious/noExplicitAny: an area takes an auth whatever its users and claims are.
export type AnyAuth = Auth<any, any, any>

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly guard?: Guard
  /** Behind `authorize(auth, guard, handler)`, which hands the caller over. */
  readonly typed?: true
  /** What the handler asks before it answers, about an object that it has in its hands. */
  readonly own?: Guard
}

export interface Area {
  /** '' or '/staff': the routes below it stand in a router, a scope or a controller of their own. */
  readonly prefix: string
  readonly auth: AnyAuth
  /** Whether the endpoints stand here. */
  readonly mounted?: true
  /** `authenticate(auth, { errors: 'pass' })`. */
  readonly passes?: true
  /** Whether the area has an error handler; it answers with `handled(error)`. */
  readonly handles?: true
  /** Asked before every route. */
  readonly guard?: Guard
  readonly routes: readonly Route[]
}

export interface Plan {
  readonly areas: readonly Area[]
  /** Whether the application reads JSON bodies before anything of ours. */
  readonly parsesFirst: boolean
}

/** Builds the application in a framework. */
export type Make = (plan: Plan) => Server | Promise<Server>

/** What a handler does that is promised a caller. */
export async function judged(caller: AuthContext, own: Guard | undefined) {
  await own?.(caller)
  return shown(caller)
}

/** What every route answers. */
export const shown = (caller: { readonly subject: string } | undefined, body?: unknown) => ({
  subject: caller?.subject ?? null,
  ...(body !== undefined && { body }),
})

/** What the error handler of an application makes of an error that was passed to it. */
export function handled(error: unknown) {
  const { statusCode, headers, code, name } = error as Partial<PassedError>
  return { status: statusCode ?? 500, headers: { ...headers }, body: { handled: code ?? name } }
}

const broken: Guard = () => {
  throw new TypeError('a fault of the application')
}

/** A rule about the request, as the framework has it. */
const isGet = (_caller: unknown, request: { method: string } | { req: { method: string } }): boolean =>
  ('method' in request ? request.method : request.req.method) === 'GET'

const routes: readonly Route[] = [
  { method: 'GET', path: '/open' },
  { method: 'GET', path: '/mine', guard: signedIn },
  { method: 'GET', path: '/secret', guard: permission('secret:read', 'secret:write') },
  { method: 'GET', path: '/scoped', guard: scope('reports') },
  { method: 'GET', path: '/unscoped', guard: scope('payments', 'reports') },
  { method: 'GET', path: '/fresh', guard: fresh('10m') },
  { method: 'GET', path: '/asked', guard: where<{ method: string } | { req: { method: string } }>(isGet) },
  { method: 'GET', path: '/broken', guard: broken },
  { method: 'POST', path: '/echo', guard: signedIn },
  { method: 'GET', path: '/typed', guard: permission('posts:write'), typed: true },
  { method: 'GET', path: '/theirs', guard: signedIn, typed: true, own: where(() => false) },
]

/** Everything at once: two auths, one of them under a prefix with its endpoints, and areas that differ in how they refuse. */
export const wholeApplication = ({ auth, staff }: World, given: AnyAuth = auth): readonly Area[] => [
  { prefix: '', auth: given, mounted: true, routes },
  { prefix: '/staff', auth: staff, mounted: true, routes },
  { prefix: '/closed', auth, guard: signedIn, routes: [{ method: 'GET', path: '/open' }] },
  { prefix: '/own', auth, passes: true, handles: true, routes },
  { prefix: '/bare', auth, passes: true, routes },
  { prefix: '/cookies', auth: delivering(auth), routes: [{ method: 'GET', path: '/open' }] },
]

/** One that is for callers only, whatever its routes ask; the way in is open. */
export const guardedApplication = ({ auth }: World): readonly Area[] => [
  { prefix: '', auth, mounted: true, guard: signedIn, routes: [{ method: 'GET', path: '/open' }] },
]

/** The smallest one, over an auth that cannot open its database. */
export const closedApplication = ({ closed }: World): readonly Area[] => [
  { prefix: '', auth: closed, mounted: true, routes },
]

/** An auth whose chain wants cookies set. */
const delivering = (auth: AnyAuth): AnyAuth => ({
  ...auth,
  authenticate: () => ({ delivery: { body: {}, cookies: ['one=1; Path=/', 'two=2; Path=/'] } }),
})
