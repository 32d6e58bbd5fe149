/** Refusals of the server itself, in the same form as those of the library (RFC 9457). */

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
}

export const NOT_FOUND: Refusal = { status: 404, code: 'not_found', title: 'There is nothing here.' }
export const FAULT: Refusal = { status: 503, code: 'store_failed', title: 'The store does not answer. Try again.' }
export const ODD_TARGET: Refusal = {
  status: 400,
  code: 'request_invalid',
  title: 'The request is not as it should be.',
}
export const NO_METHOD: Refusal = { status: 405, code: 'method_not_allowed', title: 'This method is not allowed here.' }
export const TOO_LARGE: Refusal = { status: 413, code: 'request_too_large', title: 'The request is too large.' }
export const MANY_HEADERS: Refusal = { status: 431, code: 'request_too_large', title: 'The request is too large.' }

export const problemText = ({ status, code, title }: Refusal): string =>
  JSON.stringify({ type: `urn:latchkey:error:${code}`, title, status, code })

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

export const problem = (kind: Refusal, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(problemText(kind), {
    status: kind.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(kind.status === 503 && { 'retry-after': '1' }),
      ...headers,
    },
  })
