/** A route under attack: how it is asked, and how its answer shows that somebody was let in. */
import type { TestCaller } from '../caller.js'
import type { Pair } from '../carrying.js'
import type { AttackAnswer, AttackRequest } from './wire.js'

/** A route of the application under attack. */
export interface AttackRoute {
  /** Default `GET`, with a body `POST`. */
  readonly method?: string
  /** Begins with `/`; with every parameter filled in. Default `/graphql` for an operation. */
  readonly path?: string
  /** An object is sent as JSON, text as it stands. */
  readonly body?: unknown
  /** A GraphQL operation in place of the body. Whoever gets data without an error was let in. */
  readonly graphql?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Who calls. Default: as the attack has it. */
  readonly as?: TestCaller
  /** Whether an answer shows that the caller was let in. Default: by its status, 200 to 299. */
  readonly letIn?: (answer: AttackAnswer) => boolean
}

/** A route as it is asked. */
export interface Prepared {
  readonly name: string
  readonly as: TestCaller | undefined
  requestWith(headers: readonly Pair[]): AttackRequest
  letIn(answer: AttackAnswer): boolean
}

/** Throws a TypeError for what is no route. */
export function readRoute(given: string | AttackRoute): Prepared {
  const route = typeof given === 'string' ? fromText(given) : given
  const { graphql, variables, body, headers, as } = route
  const content = graphql === undefined ? body : { query: graphql, ...(variables && { variables }) }
  const path = route.path ?? (graphql === undefined ? '' : '/graphql')
  if (!path.startsWith('/')) throw new TypeError(`a route has a path that begins with a slash, as in GET /posts/1`)
  const method = route.method ?? (content === undefined ? 'GET' : 'POST')
  const text = content === undefined || typeof content === 'string' ? content : JSON.stringify(content)
  const own: readonly Pair[] = [
    ...Object.entries(headers ?? {}),
    ...(typeof content === 'object' ? [['content-type', 'application/json'] as const] : []),
  ]
  return {
    name: `${method} ${path}${graphql === undefined ? '' : ` ${short(graphql)}`}`,
    as,
    requestWith: (more) => ({ method, path, headers: [...own, ...more], body: text as string | undefined }),
    letIn: route.letIn ?? (graphql === undefined ? isSuccess : hasData),
  }
}

function fromText(text: string): AttackRoute {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(text) ?? []
  if (method === undefined || path === undefined) {
    throw new TypeError(`${JSON.stringify(text)} is no route: a method and a path, as in GET /posts/1`)
  }
  return { method, path }
}

const isSuccess = ({ status }: AttackAnswer): boolean => status >= 200 && status < 300

function hasData({ text }: AttackAnswer): boolean {
  try {
    const { data, errors } = JSON.parse(text) as { data?: object | null; errors?: unknown[] }
    return !errors?.length && data !== null && data !== undefined && Object.values(data).some((one) => one !== null)
  } catch {
    return false
  }
}

const short = (operation: string): string => {
  const line = operation.replace(/\s+/g, ' ').trim()
  return line.length > 40 ? `${line.slice(0, 39)}…` : line
}
