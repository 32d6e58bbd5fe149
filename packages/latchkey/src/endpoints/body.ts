/** Reads the input of a request: its body, bounded and of a known type, its path and its query, each member by the rules of its field. Values are never echoed. */
import { AuthError, type Problem } from '../errors.js'
import { decodeUtf8, isJsonError, parseJson } from '../util/json.js'
import { askedBy } from './fetch.js'
import type { Asked, Field, Reading, Route } from './surface.js'

const MAX_BYTES = 65_536
const MAX_FIELD_BYTES = 1_024
const LIMITS = { depth: 16, members: 256 }

type Members = Readonly<Record<string, unknown>>
type Fields = Pick<Route, 'method' | 'fields'>

const STRICT: Reading = { accepts: ['json'], unknown: 'refuse', numbers: 'refuse' }

/** What was read: text, but for fields that say otherwise. */
type Read<F extends Readonly<Record<string, Field>>> = {
  readonly [K in keyof F]: F[K] extends { readonly is: 'boolean' }
    ? boolean
    : F[K] extends { readonly is: 'integer' }
      ? number
      : string
}

type Value = string | boolean | number

/**
 * The members of a JSON body, read as the endpoints read theirs: for endpoints that an application puts beside them.
 * Throws `request_invalid`, `request_too_large`, `media_type_unsupported`.
 *
 * @example
 * ```ts
 * import { readBody } from 'latchkey'
 * const renamed = async (request: Request) => {
 *   const { name } = await readBody(request, { name: { from: 'name' } })
 *   return Response.json({ name })
 * }
 * ```
 */
export const readBody = <const F extends Readonly<Record<string, Field>>>(
  request: Request,
  fields: F,
): Promise<Read<F>> => readInput(askedBy(request), { method: 'POST', fields }, {}, STRICT) as Promise<never>

/** The input of a route's operation, from its path, its query and its body. Throws `request_invalid`, `request_too_large`, `media_type_unsupported`. */
export async function readInput(
  asked: Asked,
  route: Fields,
  parameters: Readonly<Record<string, string>>,
  reading: Reading,
): Promise<Record<string, Value>> {
  const members =
    route.method === 'POST' ? { ...(await readMembers(asked, route, reading)), ...parameters } : parameters
  const problems: Problem[] = []
  const input: Record<string, Value> = {}
  for (const [name, field] of Object.entries(route.fields)) {
    const value = readField(field.in === 'query' ? inQuery(asked, field) : members, field, reading, problems)
    if (value !== undefined) input[name] = value
  }
  if (reading.unknown === 'refuse') problems.push(...unknownMembers(members, route))
  if (problems.length > 0) throw new AuthError('request_invalid', { problems })
  return input
}

async function readMembers(asked: Asked, route: Fields, reading: Reading): Promise<Members> {
  const empty = Object.keys(route.fields).length === 0 || Object.values(route.fields).every((field) => field.optional)
  const type = mediaType(asked)
  const bytes = await readBytes(asked)
  if (bytes.length === 0 && (empty || type === undefined || reading.accepts.includes(type))) return {}
  if (type === undefined || !reading.accepts.includes(type)) {
    if (reading.other === 'ignore') return {}
    if (reading.other === 'json') return readJson(bytes)
    throw new AuthError('media_type_unsupported')
  }
  return type === 'json' ? readJson(bytes) : readForm(asked, bytes)
}

function mediaType({ head }: Asked): Reading['accepts'][number] | undefined {
  const encoding = head.header('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw new AuthError('media_type_unsupported', { hint: 'a compressed body' })
  const type = (head.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/json') return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type === 'multipart/form-data') return 'multipart'
  return undefined
}

async function readBytes({ head, body }: Asked): Promise<Buffer> {
  if (Number(head.header('content-length') ?? 0) > MAX_BYTES) throw new AuthError('request_too_large')
  return body(MAX_BYTES)
}

function readJson(bytes: Buffer): Members {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw malformed('json', 'The body is not UTF-8.')
  let value: unknown
  try {
    value = parseJson(text, LIMITS)
  } catch (error) {
    if (!isJsonError(error)) throw error
    if (error.reason === 'dup_member') throw malformed('duplicate', 'A member stands twice.')
    throw malformed('json', 'The body is not JSON.')
  }
  const given = kindOf(value)
  if (given !== 'object') throw malformed('type', 'The body must be an object.', given)
  return value as Members
}

async function readForm({ head }: Asked, bytes: Buffer): Promise<Members> {
  const headers = { 'content-type': head.header('content-type') ?? '' }
  const form = await new Response(new Uint8Array(bytes), { headers }).formData().catch(() => {
    throw malformed('json', 'The form cannot be read.')
  })
  const members = Object.create(null) as Record<string, unknown>
  for (const [name, value] of form) {
    // A file, or a field that stands twice, is not the text that every field here is.
    members[name] = typeof value === 'string' && !Object.hasOwn(members, name) ? value : []
  }
  return members
}

/** A parameter that stands twice is not the one value that every field here is. Others than those of the fields are nobody's business. */
function inQuery({ url }: Asked, { from, is }: Field): Members {
  const [value, ...more] = url.searchParams.getAll(from)
  if (value === undefined) return {}
  if (more.length > 0) return { [from]: [] }
  return { [from]: is === 'integer' && /^\d{1,16}$/.test(value) ? Number(value) : value }
}

function readField(members: Members, field: Field, reading: Reading, problems: Problem[]): Value | undefined {
  const path = field.from
  const value = Object.hasOwn(members, path) ? members[path] : undefined
  const refuse = (rule: Problem['rule'], message: string): undefined => void problems.push({ path, rule, message })
  if (value === undefined) return field.optional ? undefined : refuse('required', 'This is required.')
  if (value === null) return refuse('null', 'This must not be null.')
  if (field.is === 'boolean') {
    return typeof value === 'boolean' ? value : refuse('type', 'This must be true or false.')
  }
  if (field.is === 'integer') {
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : refuse('type', 'This must be a whole number.')
  }
  const written = typeof value === 'number' && reading.numbers === 'text' ? String(value) : value
  if (typeof written !== 'string') return refuse('type', 'This must be a string.')
  const text = reading.trim ? written.trim() : written
  if (text === '' && !field.blank) return refuse('blank', 'This must not be empty.')
  if (text.includes('\0')) return refuse('nul', 'This must not have a null character.')
  if (!text.isWellFormed()) return refuse('format', 'This is not well-formed text.')
  if (Buffer.byteLength(text) > (field.max ?? MAX_FIELD_BYTES)) return refuse('long', 'This is too long.')
  return text
}

function unknownMembers(members: Members, route: Fields): readonly Problem[] {
  const known = new Set(Object.values(route.fields).map((field) => field.from))
  const unknown = Object.keys(members).filter((name) => !known.has(name))
  // A member's name is the caller's own text: it goes back only as far as it is short and plain.
  return unknown.map((name) => ({
    path: /^[\w.-]{1,40}$/.test(name) ? name : '?',
    rule: 'unknown',
    message: 'This is not known here.',
  }))
}

function kindOf(value: unknown): NonNullable<Problem['given']> | 'object' {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : (typeof value as 'string' | 'number' | 'boolean' | 'object')
}

const malformed = (rule: 'json' | 'duplicate' | 'type', message: string, given?: Problem['given']): AuthError =>
  new AuthError('request_invalid', { problems: [{ path: '', rule, message, ...(given && { given }) }] })
