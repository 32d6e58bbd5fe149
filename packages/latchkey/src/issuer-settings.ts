/** From what an application says of issuers to rows with every default and nothing that would weaken a check. */
import { readMapping, readPath } from './issuer-mapping.js'
import type { IssuerKeys, IssuerOptions, IssuerTable, IssuerUsers } from './issuer-options.js'
import { type Algorithm, algorithm } from './jwt/algorithms.js'
import { type Expectations, expectations, isIdentifier } from './jwt/claims.js'
import type { Claims } from './jwt/jws.js'
import type { ClaimsSchema } from './jwt/schema.js'
import type { ClaimPath, Mapping } from './tokens/mapping.js'
import { createCache } from './util/cache.js'
import { invalid, text, within } from './util/checks.js'
import { API_TOKEN_ROW, IMPORT_ROW, OWN_ROW } from './util/own-row.js'
import { seconds } from './util/time.js'

/** An issuer, checked and complete. */
export interface IssuerRow {
  readonly id: string
  readonly iss: string | undefined
  readonly keys: IssuerKeys
  readonly allowPrivate: boolean
  readonly algorithms: readonly Algorithm[]
  readonly expect: Expectations
  readonly schema: ClaimsSchema | undefined
  readonly subjectClaim: string
  readonly scope: ClaimPath
  readonly mapping: Mapping
  readonly admit: ((claims: Claims) => boolean) | undefined
}

export interface IssuerSettings {
  readonly rows: readonly IssuerRow[]
  /** Throws `options_invalid` for an answer that is no safe row. */
  readonly resolve: ((iss: string) => Promise<IssuerRow | undefined>) | undefined
  readonly rememberSeconds: number
  /** How long at most a token of any of them lives: so long must be remembered what was ended. */
  readonly longestSeconds: number
}

interface Ours {
  readonly issuer: string | undefined
  readonly development: boolean
  /** The most that the users table can do with the users of other issuers. */
  readonly users: IssuerUsers
}

const KNOWN: Readonly<Record<keyof IssuerOptions, true>> = {
  id: true,
  issuer: true,
  keys: true,
  algorithms: true,
  audience: true,
  typ: true,
  leeway: true,
  maxLifetime: true,
  schema: true,
  subject: true,
  scope: true,
  username: true,
  email: true,
  attributes: true,
  permissions: true,
  users: true,
  newUsers: true,
  admit: true,
}

/** One for each kind of key, so that a key without `alg` is bound to one algorithm all the same. */
const USUAL: readonly Algorithm[] = ['RS256', 'ES256', 'EdDSA']

/** A revocation is remembered for as long as any token lives, so there has to be an end. */
const USUAL_LIFETIME = 30 * 86_400
const MOST_TENANTS = 100_000

const lifetimeOf = ({ expect }: IssuerRow): number => expect.maxLifetime ?? USUAL_LIFETIME

/** Throws `options_invalid` with the path of the first member that does not allow a safe start. */
export function readIssuers(given: readonly IssuerOptions[] | IssuerTable, ours: Ours): IssuerSettings {
  const table = isTable(given) ? given : undefined
  const list: unknown = table ? (table.rows ?? []) : given
  if (!Array.isArray(list)) throw invalid('issuers', 'must be a list of issuers, or { rows, resolve }')
  if (table && typeof table.resolve !== 'function') throw invalid('issuers.resolve', 'must be a function')
  const rows = Object.freeze(list.map((one, at) => readRow(one, `issuers[${at}]`, ours)))
  distinct(rows, ours.issuer)
  const longestSeconds = Math.max(USUAL_LIFETIME, ...rows.map(lifetimeOf)) + 2 * 120
  const resolve = table && resolver(table, rows, ours)
  return Object.freeze({ rows, resolve, rememberSeconds: remembered(table), longestSeconds })
}

const isTable = (given: readonly IssuerOptions[] | IssuerTable): given is IssuerTable =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

const remembered = (table: IssuerTable | undefined): number =>
  within('issuers.remember', seconds(table?.remember ?? '10m', 'issuers.remember'), 1, 86_400)

/** A name that two rows share would make one user of two people. */
function distinct(rows: readonly IssuerRow[], ours: string | undefined): void {
  const ids = new Set<string>([OWN_ROW, API_TOKEN_ROW, IMPORT_ROW])
  const issuers = new Set<string | undefined>([ours])
  for (const [at, { id, iss }] of rows.entries()) {
    if (ids.has(id)) throw invalid(`issuers[${at}].id`, 'is taken')
    if (issuers.has(iss)) throw invalid(`issuers[${at}].issuer`, 'is that of another row')
    ids.add(id)
    issuers.add(iss)
  }
}

function resolver(table: IssuerTable, rows: readonly IssuerRow[], ours: Ours): IssuerSettings['resolve'] {
  const tenants = createTenants()
  return async (iss) => {
    const found = await table.resolve(iss)
    if (found === undefined || found === null) {
      tenants.forget(iss)
      return undefined
    }
    const row = readRow(found, 'issuers.resolve()', ours)
    // An answer for another issuer would let one tenant speak for the next.
    if (row.iss !== iss) throw invalid('issuers.resolve().issuer', 'is not the one that was asked for')
    distinct([...rows, row], ours.issuer)
    if (lifetimeOf(row) > USUAL_LIFETIME) throw invalid('issuers.resolve().maxLifetime', 'must be at most 30 days')
    tenants.note(iss, row.id)
    return row
  }
}

/** Which tenant has which id, as far as they were met: two with one id would be one user of two people, like two rows. */
function createTenants() {
  const ids = createCache<string, string>(MOST_TENANTS)
  const names = createCache<string, string>(MOST_TENANTS)
  return {
    note(iss: string, id: string): void {
      if ((names.get(id) ?? iss) !== iss) throw invalid('issuers.resolve().id', 'is that of another issuer')
      names.set(id, iss)
      ids.set(iss, id)
    },
    forget(iss: string): void {
      const id = ids.get(iss)
      if (id !== undefined) names.delete(id)
      ids.delete(iss)
    },
  }
}

function readRow(given: IssuerOptions, path: string, ours: Ours): IssuerRow {
  if (typeof given !== 'object' || given === null) throw invalid(path, 'must be an object')
  for (const name of Object.keys(given))
    if (!Object.hasOwn(KNOWN, name)) throw invalid(`${path}.${name}`, 'is not an option')
  const one = { ...given }
  const { issuer, subject = 'sub', audience, maxLifetime = USUAL_LIFETIME } = one
  if (issuer !== undefined && !isIdentifier(issuer)) throw invalid(`${path}.issuer`, 'must be 1 to 255 characters')
  const id = text(`${path}.id`, one.id ?? issuer)
  if (!isIdentifier(id)) throw invalid(`${path}.id`, 'must be 1 to 255 characters')
  const algorithms = readAlgorithms(one.algorithms ?? USUAL, `${path}.algorithms`)
  return Object.freeze({
    id,
    iss: issuer,
    keys: readKeys(one, algorithms, path, ours.development),
    allowPrivate: ((one.keys as { allowPrivate?: boolean } | undefined)?.allowPrivate ?? ours.development) === true,
    algorithms,
    expect: at(path, () =>
      expectations({
        iss: issuer,
        audience: typeof audience === 'string' ? [audience] : audience,
        typ: one.typ ?? ['JWT', 'at+jwt'],
        untyped: one.typ === undefined,
        leeway: seconds(one.leeway ?? 30, 'leeway'),
        expLeeway: seconds(one.leeway ?? 30, 'leeway'),
        maxLifetime: within('maxLifetime', seconds(maxLifetime, 'maxLifetime'), 1, 3_650 * 86_400),
        subjectClaim: subject,
      }),
    ),
    schema: one.schema,
    subjectClaim: subject,
    scope: readPath(one.scope ?? 'scope', `${path}.scope`),
    mapping: readMapping(one, path, ours.users),
    admit: one.admit,
  })
}

function readAlgorithms(given: readonly Algorithm[], path: string): readonly Algorithm[] {
  if (!Array.isArray(given) || given.length === 0 || !given.every((one) => algorithm(one)))
    throw invalid(path, 'must be a list of HS, RS, PS, ES 256/384/512 or EdDSA')
  const shared = given.filter((one) => one.startsWith('HS')).length
  if (shared > 0 && shared < given.length) throw invalid(path, 'must not mix shared secrets with public keys')
  return Object.freeze([...new Set(given)])
}

/** The keys themselves are read where they are used; here only that there is one way to them, and a safe one. */
function readKeys(
  one: IssuerOptions,
  algorithms: readonly Algorithm[],
  path: string,
  development: boolean,
): IssuerKeys {
  const keys = one.keys ?? { discovery: true }
  const ways = Object.keys(keys ?? {}).filter((name) => name !== 'allowPrivate')
  const [way = ''] = ways
  const known = ['discovery', 'jwksUrl', 'jwksFile', 'jwks', 'jwk', 'pem', 'secret']
  if (ways.length !== 1 || !known.includes(way))
    throw invalid(`${path}.keys`, `must be exactly one of ${known.join(', ')}`)
  const shared = algorithms.some((name) => name.startsWith('HS'))
  if (shared !== (way === 'secret'))
    throw invalid(`${path}.keys`, 'a secret goes with HS algorithms, and they with nothing else')
  const value = (keys as Readonly<Record<string, unknown>>)[way]
  const url = way === 'jwksUrl' ? value : way === 'discovery' ? (value === true ? one.issuer : value) : undefined
  if (way === 'jwksUrl' || way === 'discovery') checkUrl(url, `${path}.keys.${way}`, development)
  return Object.freeze({ ...keys })
}

function checkUrl(url: unknown, path: string, development: boolean): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || `${parsed.username}${parsed.password}${parsed.hash}` !== '')
    throw invalid(path, 'needs the URL of the issuer')
  if (parsed.protocol !== 'https:' && !(development && parsed.protocol === 'http:'))
    throw invalid(path, 'must be https in production; NODE_ENV=development allows http')
}

function at<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const hint = error instanceof Error ? ((error as { hint?: string }).hint ?? error.message) : ''
    throw invalid(path, hint)
  }
}
