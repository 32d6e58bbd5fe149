/** The part of the composition that takes tokens of other issuers: their rows with their keys, and the table that all rows make. */
import { AuthError } from './errors.js'
import type { IssuerKeys } from './issuer-options.js'
import type { IssuerRow, IssuerSettings } from './issuer-settings.js'
import type { Claims, Jws } from './jwt/jws.js'
import { readClaimsSchema } from './jwt/schema.js'
import { configuredKeys } from './keys/configured.js'
import type { KnownKey } from './keys/remote/key-set.js'
import type { SavedMac } from './keys/remote/mac.js'
import { createRemoteKeys, type ExternalKeys, type RemoteKeys } from './keys/remote.js'
import type { KeySetStore } from './stores/port.js'
import type { AccessToken } from './tokens/format.js'
import { mapClaims, scopeOf } from './tokens/mapping.js'
import { createResolved } from './tokens/resolved.js'
import { createRows, lateSchema, type Row, type Rows } from './tokens/rows.js'
import { createCache } from './util/cache.js'
import { invalid } from './util/checks.js'
import type { Clock } from './util/time.js'

/** An issuer as operators see it. */
export interface IssuerInfo {
  readonly id: string
  readonly issuer: string | undefined
  readonly algorithms: readonly string[]
  /** `undefined` where the keys stand in the configuration. */
  readonly remote: RemoteKeys | undefined
  /** Those that are usable now; of remote keys, those that were fetched. */
  readonly keys: readonly KnownKey[]
}

export interface Issuers {
  /** The table, with our own row first, where we have one. */
  rows(own?: Row): Rows
  /** Those that are configured; tenants that were looked up are not among them. */
  list(): readonly IssuerInfo[]
  /** Throws `options_invalid` for a schema that cannot be used. */
  open(): Promise<void>
  close(): void
}

export interface IssuersParts {
  readonly settings: IssuerSettings
  readonly saved: { readonly store: KeySetStore; readonly mac: SavedMac } | undefined
  readonly clock: Clock
  readonly development: boolean
  readonly failed: (error: unknown) => void
  /** How claims are read, where another issuer is more than another issuer. */
  readonly read?: (claims: Claims, row: IssuerRow) => AccessToken
  /** Proves tokens where no key does. */
  readonly prove?: ((jws: Jws) => void | Promise<void>) | undefined
}

/** Of tenants that were looked up; the least recently used one starts anew. */
const MOST_SOURCES = 10_000

/** Opens nothing. Throws `options_invalid` for keys that cannot be used. */
export function createIssuers({ settings, saved, clock, development, failed, read, prove }: IssuersParts): Issuers {
  const sources = createCache<string, ExternalKeys>(MOST_SOURCES)
  const configured = settings.rows.map((row) => ({ row, keys: keysOf(row) }))
  distinctKeys(configured)
  const known = configured.map(({ row, keys }) => toRow(row, keys, read, prove))
  const resolve = settings.resolve && tenants(settings.resolve)
  return { rows: (own) => createRows(own ? [own, ...known] : known, resolve), list, open, close }

  /** Here, not with the first token: a schema that cannot be used must stop the start. */
  async function open(): Promise<void> {
    for (const { schema } of known) await schema?.compile()
  }

  function list(): readonly IssuerInfo[] {
    return configured.map(({ row: { id, iss: issuer, algorithms }, keys }) => {
      const remote = 'refresh' in keys ? (keys as RemoteKeys) : undefined
      return { id, issuer, algorithms, remote, keys: keys.known() }
    })
  }

  function close(): void {
    // A tenant's look ends by itself, within seconds.
    for (const { keys } of configured) if ('close' in keys) void (keys as RemoteKeys).close().catch(failed)
  }

  function keysOf(row: IssuerRow): ExternalKeys {
    if (prove) return NO_KEYS
    const source = row.keys
    if (!isRemote(source)) return named(row, () => configuredKeys(source, row.algorithms, { clock, failed }))
    const { id, iss: issuer, algorithms, allowPrivate } = row
    const parts = { row: id, issuer, source, algorithms, clock, allowPrivate, allowHttp: development, saved, failed }
    return createRemoteKeys(parts)
  }

  /** A tenant keeps its keys for as long as it is configured alike, however often it is looked up. */
  function tenants(find: NonNullable<IssuerSettings['resolve']>) {
    return createResolved({
      rememberSeconds: settings.rememberSeconds,
      clock,
      async resolve(iss) {
        const row = await find(iss)
        if (!row) return undefined
        const name = JSON.stringify([row.id, row.iss, row.keys, row.algorithms, row.allowPrivate])
        const keys = sources.get(name) ?? keysOf(row)
        sources.set(name, keys)
        const tenant = toRow(row, keys, read)
        // Here, where whatever is wrong with a tenant is the tenant's: no answer at all, and no fault of ours.
        await tenant.schema?.compile()
        return tenant
      },
    })
  }
}

/** Where the issuer is asked about every token. */
const NO_KEYS: ExternalKeys = {
  generation: 1,
  usableUntil: Number.POSITIVE_INFINITY,
  find: () => undefined,
  thumbprints: () => [],
  known: () => [],
}

function toRow(row: IssuerRow, keys: ExternalKeys, read = readClaims, prove?: Row['prove']): Row {
  const { id, iss, expect, schema, admit } = row
  return {
    id,
    iss,
    keys,
    expect,
    schema: schema && lateSchema(readClaimsSchema(schema)),
    // Who is asked about a token may say something else the next time.
    cached: !prove && !row.algorithms.some((name) => name.startsWith('HS')),
    prove,
    read: (claims) => read(claims, row),
    admit: admit && ((claims) => asked(admit, claims)),
  }
}

/** What is wrong with keys is told of the row they stand in. */
function named<T>({ id }: IssuerRow, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof AuthError ? invalid(`issuers["${id}"].keys`, error.hint ?? 'cannot be used') : error
  }
}

/** An external `sid` is never our session, and without an `iat` a token is older than whatever was ended. */
export function readClaims(claims: Claims, { subjectClaim, scope, mapping }: IssuerRow): AccessToken {
  const { iat, jti } = claims
  return {
    subject: String(claims[subjectClaim]),
    sessionId: undefined,
    jti: typeof jti === 'string' ? jti : undefined,
    stamp: typeof iat === 'number' ? Math.max(0, Math.floor(iat * 1000)) : 0,
    scope: scopeOf(claims, scope),
    mapped: mapClaims(claims, mapping),
  }
}

/** Two rows with one key are two names for one issuer: only the `iss` of a token tells them apart, so both have to ask for it. */
function distinctKeys(all: readonly { readonly row: IssuerRow; readonly keys: ExternalKeys }[]): void {
  const owners = new Map<string, IssuerRow>()
  for (const { row, keys } of all) {
    for (const print of keys.thumbprints()) {
      const other = owners.get(print)
      if (other && (other.iss === undefined || row.iss === undefined))
        throw invalid(
          'issuers',
          `"${other.id}" and "${row.id}" have a key in common, and one of them has no \`issuer\``,
        )
      owners.set(print, row)
    }
  }
}

function asked(admit: (claims: Claims) => boolean, claims: Claims): boolean {
  try {
    return admit(claims) === true
  } catch (cause) {
    throw new AuthError('store_failed', { hint: 'issuers.admit() failed', cause })
  }
}

const isRemote = (keys: IssuerKeys): keys is Extract<IssuerKeys, { jwksUrl: string } | { discovery: true | string }> =>
  'jwksUrl' in keys || 'discovery' in keys
