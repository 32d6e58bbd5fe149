/** The description of the surface in OpenAPI 3.1, from the table that serves it. */
import { errorRow } from '../errors.js'
import type { Field, Operation, OwnRoute, Route } from './surface.js'

type Schema = Readonly<Record<string, unknown>>

const string: Schema = { type: 'string' }
const boolean: Schema = { type: 'boolean' }
const integer: Schema = { type: 'integer' }
const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

const schemas: Readonly<Record<string, Schema>> = {
  Tokens: object(
    {
      access_token: string,
      token_type: { const: 'Bearer' },
      expires_in: { ...integer, description: 'Seconds that the access token lives' },
      refresh_token: string,
      refresh_expires_in: { ...integer, description: 'Seconds until the session ends if nothing refreshes it' },
      scope: string,
      user: reference('User'),
    },
    ['refresh_token', 'scope'],
  ),
  User: object(
    {
      id: string,
      username: string,
      email: { type: ['string', 'null'] },
      permissions: { type: 'array', items: string },
    },
    ['username', 'email', 'permissions'],
  ),
  Verified: object({ active: { const: true }, claims: { type: 'object' } }),
  Sessions: object({ sessions: { type: 'array', items: reference('Session') } }),
  Session: object({
    id: string,
    created_at: integer,
    last_seen_at: integer,
    expires_at: integer,
    device: { type: ['string', 'null'] },
    address: { type: ['string', 'null'] },
    current: boolean,
  }),
  Revocations: object(
    {
      epochs: { type: 'array', items: reference('Revocation') },
      head: { ...integer, description: 'Up to here everything is told, where there is no `next`' },
      now: integer,
      next: { ...integer, description: 'The `after` of the next page' },
    },
    ['next'],
  ),
  Revocation: object({
    scope: { enum: ['session', 'user', 'jti', 'key', 'everybody', 'permissions'] },
    row: string,
    key: string,
    stamp: integer,
    until: integer,
  }),
  Csrf: object({ csrf_token: { type: ['string', 'null'] } }),
  Document: { type: 'object' },
  Problem: object(
    {
      type: string,
      title: string,
      status: integer,
      code: string,
      problems: { type: 'array', items: { type: 'object' } },
    },
    ['problems'],
  ),
}

/** The answer is a stream of events, not a schema. */
const EVENTS = 'text/event-stream'

/** What each operation answers, whether it wants a caller, and how it can refuse besides. */
const facts: Readonly<Record<Operation, { answer: string | undefined; caller: boolean; refusals: readonly number[] }>> =
  {
    login: { answer: 'Tokens', caller: false, refusals: [401, 429] },
    register: { answer: 'Tokens', caller: false, refusals: [409, 429] },
    refresh: { answer: 'Tokens', caller: false, refusals: [401] },
    logout: { answer: undefined, caller: true, refusals: [] },
    forget: { answer: undefined, caller: false, refusals: [] },
    logoutEverywhere: { answer: undefined, caller: true, refusals: [] },
    csrf: { answer: 'Csrf', caller: false, refusals: [] },
    verify: { answer: 'Verified', caller: false, refusals: [401] },
    me: { answer: 'User', caller: true, refusals: [] },
    password: { answer: 'Tokens', caller: true, refusals: [409, 429] },
    sessions: { answer: 'Sessions', caller: true, refusals: [] },
    endSession: { answer: undefined, caller: true, refusals: [404] },
    endOtherSessions: { answer: undefined, caller: true, refusals: [] },
    sessionsOf: { answer: 'Sessions', caller: true, refusals: [403] },
    endSessionOf: { answer: undefined, caller: true, refusals: [403, 404] },
    endSessionsOf: { answer: undefined, caller: true, refusals: [403] },
    revocations: { answer: 'Revocations', caller: true, refusals: [403] },
    revocationNews: { answer: EVENTS, caller: true, refusals: [403] },
    jwks: { answer: 'Document', caller: false, refusals: [] },
    metadata: { answer: 'Document', caller: false, refusals: [] },
    openapi: { answer: 'Document', caller: false, refusals: [] },
  }

export function describe(routes: readonly Route[], issuer: string | undefined): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: route.operation === undefined ? ofPreset(route) : operation(route),
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Authentication', version: '1' },
    ...(issuer !== undefined && { servers: [{ url: new URL('/', issuer).href.replace(/\/$/, '') }] }),
    paths,
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  }
}

/** What a preset does by itself answers as its original did; only what it reads can be told from here. */
function ofPreset({ summary, fields }: OwnRoute): object {
  const properties = Object.fromEntries(Object.values(fields).map(({ from, is }) => [from, schemaOf(is)]))
  const schema = { type: 'object', properties }
  const requestBody = { content: { 'application/x-www-form-urlencoded': { schema } } }
  return {
    summary,
    ...(Object.keys(fields).length > 0 && { requestBody }),
    responses: { default: { description: summary } },
  }
}

function operation(route: Exclude<Route, OwnRoute>): object {
  const { answer, caller, refusals } = facts[route.operation]
  const inPath = new Set([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name as string))
  const inQuery = Object.values(route.fields).filter((field) => field.in === 'query')
  const inBody = Object.values(route.fields).filter((field) => !inPath.has(field.from) && !inQuery.includes(field))
  const unread = inBody.length > 0 ? [413, 415, 422] : inQuery.length > 0 ? [422] : []
  const all = [...refusals, ...(caller ? [401] : []), ...unread, 503]
  const parameters = [
    ...[...inPath].map((name) => ({ name, in: 'path', required: true, schema: string })),
    ...inQuery.map(({ from, is, optional }) => ({
      name: from,
      in: 'query',
      required: !optional,
      schema: schemaOf(is),
    })),
  ]
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(caller && { security: [{ bearer: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(inBody.length > 0 && { requestBody: body(inBody) }),
    responses: {
      ...success(route, answer),
      ...Object.fromEntries(all.map((status) => [String(status), problem(status)])),
    },
  }
}

function body(fields: readonly Pick<Field, 'from' | 'is' | 'optional'>[]): object {
  const properties = Object.fromEntries(fields.map(({ from, is }) => [from, schemaOf(is)]))
  const schema = object(
    properties,
    fields.filter(({ optional }) => optional).map(({ from }) => from),
  )
  return { required: true, content: { 'application/json': { schema: { ...schema, additionalProperties: false } } } }
}

const schemaOf = (is: Field['is']): Schema =>
  is === 'boolean' ? boolean : is === 'integer' ? { ...integer, minimum: 0 } : string

function success(route: Exclude<Route, OwnRoute>, answer: string | undefined): object {
  if (answer === undefined) return { '204': { description: 'Done' } }
  const status = route.operation === 'register' ? '201' : '200'
  const content =
    answer === EVENTS ? { [EVENTS]: { schema: string } } : { 'application/json': { schema: reference(answer) } }
  return { [status]: { description: route.summary, content } }
}

const problem = (status: number): object => ({
  description: status === 401 ? errorRow('token_invalid').message : 'Refused; the code says why',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
