/** The log: one JSON line an event on stderr, a short line in development. No credential has a way in: only named facts are written. */
import { type Logger, pino } from 'pino'

export type Log = Logger

export interface LogParts {
  readonly level: string
  readonly development: boolean
  write(line: string): void
}

export function createLog({ level, development, write }: LogParts): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: errorFacts },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, { write: development ? (line: string) => write(forPeople(line)) : write })
}

interface Faulty {
  readonly type: string
  readonly message: string
  readonly code?: unknown
  readonly reason?: unknown
  readonly hint?: unknown
  readonly stack?: string | undefined
  readonly cause?: Faulty
}

/** Of an error only what is known to be there: a library may hang a whole request on its own. */
function errorFacts(error: unknown, depth = 0): Faulty {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error' }
  const { code, reason, hint, cause } = error as Error & Record<'code' | 'reason' | 'hint', unknown>
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(hint !== undefined && { hint }),
    stack: error.stack,
    ...(cause !== undefined && depth < 3 && { cause: errorFacts(cause, depth + 1) }),
  }
}

/** A path as it is logged: without the query, and without segments so long that they could be a token. */
export function loggedPath(url: string): string {
  const [path = '/'] = url.split('?', 1)
  return path
    .split('/')
    .map((segment) => (segment.length > 32 ? '…' : segment))
    .join('/')
    .slice(0, 200)
}

/** `12:03:04 POST /auth/login 200 14 ms`; whatever is no request, as `12:03:04 error a request failed` with the rest as JSON. */
function forPeople(line: string): string {
  const { level, time, msg, method, path, status, ms, id, ...rest } = JSON.parse(line) as Record<string, unknown>
  const clock = String(time).slice(11, 19)
  if (method !== undefined) return `${clock} ${method} ${quoted(path)} ${status} ${ms} ms\n`
  const facts = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''
  return `${clock} ${level} ${msg}${facts}\n`
}

/** As it is where it is plain, escaped where a terminal could take it for more. */
const quoted = (path: unknown): string => (/^[!-~…]+$/.test(String(path)) ? String(path) : JSON.stringify(path))
