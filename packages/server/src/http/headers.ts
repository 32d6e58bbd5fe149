/** The headers of every answer, and the stricter or wider ones of pages. */

/** Nothing that is not a page may load or frame anything. */
const common: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** What a page may do: its own scripts and styles, and requests to this server. */
const page = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': page,
  'cache-control': 'no-cache',
}

/** Swagger UI draws its icons from data: addresses. */
export const REFERENCE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'content-security-policy': `${page}; img-src 'self' data:`,
}

const YEAR_SECONDS = 31_536_000

/** The headers of every answer of a server with that public address. */
export const commonHeaders = (issuer: string): Readonly<Record<string, string>> =>
  issuer.startsWith('https:') ? { ...common, 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : common
