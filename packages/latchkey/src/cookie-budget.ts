/** Whether the access tokens of an application fit a cookie: counted before the first user finds out at login. */
import { algorithm } from './jwt/algorithms.js'
import { claimSizes } from './jwt/schema-size.js'
import type { TokenFormat } from './tokens/format.js'
import type { Transport } from './transport/transport.js'
import { invalid } from './util/checks.js'
import { MOST_COOKIE_BYTES } from './util/cookie.js'

export interface BudgetParts {
  readonly transports: readonly Transport[]
  readonly format: TokenFormat
  readonly algorithm: string
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  readonly clientId: string
  readonly schema: object | undefined
}

/** Throws `options_invalid` with the share of each claim where a token as large as its schema allows would not fit. */
export function checkCookieBudget(parts: BudgetParts): void {
  const cookie = parts.transports.find(({ kind }) => kind === 'cookie')
  if (!cookie?.accessBytes) return
  const own = ownClaims(parts)
  const shares = [...claimSizes(parts.schema)].filter(([name]) => !Object.hasOwn(own, name))
  const json = JSON.stringify(own).length + shares.reduce((sum, [, bytes]) => sum + bytes, 0)
  const { header, kid } = parts.format
  const head = JSON.stringify({ alg: parts.algorithm, ...(kid && { kid: ID.repeat(2) }), ...header })
  const lengths = [encoded(head.length), encoded(json), encoded(signatureBytes(parts.algorithm))]
  const bytes = cookie.accessBytes(lengths.map((length) => 'x'.repeat(length)).join('.'))
  if (bytes <= MOST_COOKIE_BYTES) return
  const largest = shares.toSorted(([, a], [, b]) => b - a).map(([name, share]) => `${name} ${encoded(share)}`)
  const rest = encoded(JSON.stringify(own).length)
  throw invalid(
    'claimsSchema',
    `allows access tokens that take a cookie of ${bytes} bytes, and browsers keep ${MOST_COOKIE_BYTES}: ${[...largest, `our own claims ${rest}`].join(', ')}`,
  )
}

/** As long as a thumbprint, a session or a UUID is at most. */
const ID = 'x'.repeat(22)
const SECONDS = 1_700_000_000

const ownClaims = ({ format, issuer = '', audience, clientId }: BudgetParts): Readonly<Record<string, unknown>> =>
  format.writeAccess({
    issuer,
    audience,
    clientId,
    subject: 'x'.repeat(36),
    sessionId: ID,
    stamp: SECONDS * 1_000,
    jti: ID,
    issuedAt: SECONDS,
    expiresAt: SECONDS,
    sessionExpiresAt: SECONDS,
    sessionCreatedAt: SECONDS,
    authenticatedAt: SECONDS,
    refreshIssuedAt: SECONDS,
    scope: undefined,
    extra: {},
    userPart: {},
  })

const encoded = (bytes: number): number => Math.ceil((bytes * 4) / 3)

/** Of RSA the size of the keys that we make; another key's is told when it signs. */
function signatureBytes(name: string): number {
  const row = algorithm(name)
  if (row?.kty === 'oct') return row.bytes
  return row && row.kty !== 'RSA' ? row.signatureBytes : 256
}
