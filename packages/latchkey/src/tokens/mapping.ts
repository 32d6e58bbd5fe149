/** From the claims of another issuer to what they may mean here: only what its row lists, whatever else the token says. */
import { isIdentifier } from '../jwt/claims.js'
import type { Claims } from '../jwt/jws.js'
import type { Budget, SaidOfUser } from '../stores/port.js'

/** A claim by its name, or by the names on the way to it: `['realm_access', 'roles']`. A dot in a name is a dot. */
export type ClaimPath = string | readonly string[]

/** A claim of which only some values count. */
export interface ListedClaim {
  readonly claim: ClaimPath
  readonly values: readonly (string | number | boolean)[]
}

/** How a row reads claims. */
export interface Mapping {
  readonly users: 'create' | 'known' | 'none'
  /** How many users may be made on the fly. */
  readonly newUsers: Budget
  readonly username: ClaimPath | undefined
  readonly email: ClaimPath | undefined
  readonly attributes: Readonly<
    Record<string, ListedClaim | { readonly claim: ClaimPath; readonly values?: undefined }>
  >
  readonly permissions: readonly {
    readonly claim: ClaimPath
    /** A Map: a claim may say `constructor`. */
    readonly values: ReadonlyMap<string, readonly string[]>
  }[]
}

/** What the claims of another issuer mean here. */
export interface Mapped extends SaidOfUser, Pick<Mapping, 'users' | 'newUsers'> {
  /** What its bearer may do because of the claims. */
  readonly permissions: readonly string[]
  /** The groups that its bearer is in because of the claims: only where the issuer is the one whose users we serve (`remoteAuth`). */
  readonly groups?: readonly string[]
}

/** Reads claims as a row has it. What is not of the right type is not there. */
export function mapClaims(claims: Claims, mapping: Mapping): Mapped {
  const email = mapping.email && at(claims, mapping.email)
  const username = mapping.username && at(claims, mapping.username)
  return Object.freeze({
    users: mapping.users,
    newUsers: mapping.newUsers,
    username: isIdentifier(username) ? username : undefined,
    email: isIdentifier(email) && at(claims, 'email_verified') === true ? email : undefined,
    attributes: Object.freeze(attributesOf(claims, mapping)),
    listed: Object.keys(mapping.attributes),
    permissions: Object.freeze(permissionsOf(claims, mapping)),
  })
}

/** The scopes as one text, from text or a list; whatever else stands there grants nothing. */
export function scopeOf(claims: Claims, path: ClaimPath): string | undefined {
  const value = at(claims, path)
  const words = typeof value === 'string' ? value.split(' ') : value
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) return undefined
  return words.filter(isScope).join(' ') || undefined
}

function attributesOf(claims: Claims, { attributes }: Mapping): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).flatMap(([name, { claim, values }]) => {
    const value = at(claims, claim)
    const kept = isAttribute(value) && (values === undefined || values.includes(value))
    return kept ? [[name, value] as const] : []
  })
  return Object.fromEntries(entries)
}

function permissionsOf(claims: Claims, { permissions }: Mapping): string[] {
  const held = new Set<string>()
  for (const { claim, values } of permissions) {
    const said = at(claims, claim)
    for (const one of Array.isArray(said) ? said : [said])
      for (const permission of (typeof one === 'string' && values.get(one)) || []) held.add(permission)
  }
  return [...held]
}

function at(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined
    value = (value as Claims)[name]
  }
  return value
}

const isAttribute = (value: unknown): value is string | number | boolean =>
  typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) || isIdentifier(value)

/** RFC 6749 section 3.3. */
const isScope = (word: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(word)
