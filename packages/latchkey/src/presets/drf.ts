/** How Django REST framework answers: `detail` or the fields at fault, `Allow` with every answer, a challenge with every 401. */
import { refusalHeaders } from '../endpoints/respond.js'
import type { Reading, Rejection, Route, Site, Surface } from '../endpoints/surface.js'
import type { AuthError, ErrorCode, Problem } from '../errors.js'

/** A refusal in words: a status and the members of its body. */
export interface Said {
  readonly status: number
  readonly body: object
}

/** What differs between the systems that are built on the framework. */
export interface DrfSystem {
  readonly routes: readonly Route[]
  /** How bodies are read; default as the framework's serializers do. */
  readonly reading?: Reading
  /** What every 401 asks for: `Bearer realm="api"`. */
  readonly challenge: string
  /** A refusal in the system's own words; `undefined`: in those of the framework. */
  say(error: AuthError, site: Site): Said | undefined
}

const READING: Reading = {
  accepts: ['json', 'form', 'multipart'],
  unknown: 'ignore',
  numbers: 'text',
  trim: true,
}

/** The original sends fewer of these: tokens are for no cache, and bodies for no browser to guess at. */
const TYPE = 'application/json'
const COMMON = {
  'cache-control': 'no-store',
  vary: 'Accept, Authorization, Cookie',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

export function drfSurface({ routes, challenge, say, reading = READING }: DrfSystem): Surface {
  return { routes, reading, type: TYPE, headers, reject, describe: (some) => description(some, reading) }

  function headers({ allow }: Site): Readonly<Record<string, string>> {
    return { ...COMMON, ...(allow && { allow: allow.join(', ') }) }
  }

  function reject(error: AuthError, site: Site): Rejection {
    const { status, body } = say(error, site) ?? sayAsDrf(error, site)
    // The status may be another than the error's own, and with it whether there is a challenge.
    const { 'www-authenticate': _, ...rest } = refusalHeaders(error, site, challenge)
    const asked = status === 401 && { 'www-authenticate': challenge }
    return {
      status,
      headers: { 'content-type': TYPE, ...headers(site), ...rest, ...asked },
      body: JSON.stringify(body),
    }
  }
}

const MEDIA = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
} as const

/** As the framework describes an endpoint to whoever asks by OPTIONS. */
function description(routes: readonly Route[], { accepts }: Reading): object {
  return {
    name: routes[0]?.summary,
    description: '',
    renders: [TYPE],
    parses: accepts.map((kind) => MEDIA[kind]),
    actions: Object.fromEntries(
      routes.filter(({ method }) => method === 'POST').map(({ method, fields }) => [method, fieldsOf(fields)]),
    ),
  }
}

const fieldsOf = (fields: Route['fields']): object =>
  Object.fromEntries(
    Object.values(fields).map(({ from, optional = false }) => [
      from,
      { type: 'string', required: !optional, read_only: false, label: `${from[0]?.toUpperCase()}${from.slice(1)}` },
    ]),
  )

const SENTENCES: Partial<Readonly<Record<ErrorCode, string>>> = {
  credential_missing: 'Authentication credentials were not provided.',
  permission_denied: 'You do not have permission to perform this action.',
  scope_missing: 'You do not have permission to perform this action.',
  not_found: 'Not found.',
}

function sayAsDrf(error: AuthError, site: Site): Said {
  if (error.code === 'request_invalid') return { status: 400, body: problemsOf(error.problems ?? [], site) }
  return { status: error.status, body: { detail: SENTENCES[error.code] ?? sentence(error, site) } }
}

function sentence(error: AuthError, { head, method = 'GET' }: Site): string {
  switch (error.code) {
    case 'method_not_allowed':
      return `Method "${method}" not allowed.`
    case 'media_type_unsupported':
      return `Unsupported media type "${head?.header('content-type') ?? ''}" in request.`
    case 'login_throttled': {
      const wait = Math.max(1, Math.ceil(error.retryAfter ?? 1))
      return `Request was throttled. Expected available in ${wait} second${wait === 1 ? '' : 's'}.`
    }
    default:
      return error.message
  }
}

const RULES: Partial<Readonly<Record<Problem['rule'], string>>> = {
  required: 'This field is required.',
  blank: 'This field may not be blank.',
  null: 'This field may not be null.',
  type: 'Not a valid string.',
  format: 'Not a valid string.',
  nul: 'Null characters are not allowed.',
}

const PYTHON: Readonly<Record<NonNullable<Problem['given']>, string>> = {
  list: 'list',
  string: 'str',
  number: 'int',
  boolean: 'bool',
  null: 'NoneType',
}

function problemsOf(problems: readonly Problem[], { head }: Site): object {
  const whole = problems.find(({ path }) => path === '')
  if (whole?.given === 'null') return { non_field_errors: ['No data provided'] }
  if (whole?.given)
    return { non_field_errors: [`Invalid data. Expected a dictionary, but got ${PYTHON[whole.given]}.`] }
  if (whole) {
    const multipart = head?.header('content-type')?.startsWith('multipart/')
    return { detail: `${multipart ? 'Multipart form' : 'JSON'} parse error - ${whole.message}` }
  }
  return Object.fromEntries(problems.map(({ path, rule, message }) => [path, [RULES[rule] ?? message]]))
}
