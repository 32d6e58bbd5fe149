/** Rules: what has to hold before a field is resolved; the same ones whether a directive or code says them. */
import type { GraphQLResolveInfo } from 'graphql'
import { AuthError } from '../errors.js'
import type { AuthContext } from '../guard/context.js'
import { anyOf, type Guard, permission, scope, signedIn } from '../guard/guards.js'

/** What an object-level rule may look at. */
// biome-ignore lint/suspicious/noExplicitAny: parents and arguments are as the schema of the application has them.
export interface RuleFacts<P = any, A = any> {
  /** The object whose field is asked for. */
  readonly parent: P
  /** The arguments of the field, coerced, with their defaults. */
  readonly args: A
  /** Who calls; `undefined` for an anonymous caller. */
  readonly auth: AuthContext | undefined
  readonly context: unknown
  readonly info: GraphQLResolveInfo
}

/** One thing that has to hold. Made by `authenticated`, `requiresScopes`, `hasPermission`, `objectRule`, and by guards. */
export type Rule =
  | { readonly kind: 'public' }
  /** Depends on nobody but the caller: asked once in an operation. `key`: rules of one key are one rule. */
  | { readonly kind: 'caller'; readonly key: unknown; readonly guard: Guard }
  | ObjectRule

/** A rule that looks at the object. */
export interface ObjectRule {
  readonly kind: 'object'
  /** Only `true` lets the field resolve. */
  check(facts: RuleFacts): boolean | Promise<boolean>
}

export type CallerRule = Extract<Rule, { kind: 'caller' }>

/** What two rules have in common that are one. */
export const keyOf = (rule: Rule): unknown => (rule.kind === 'caller' ? rule.key : rule)

/** As `@public`: everybody, and said so. */
export const anybody: Rule = Object.freeze({ kind: 'public' })

/** As `@authenticated`: any caller with a good credential. */
export const authenticated: Rule = Object.freeze({ kind: 'caller', key: 'authenticated', guard: signedIn })

/**
 * As `@requiresScopes`: the token was granted all scopes of at least one of the lists. Throws `options_invalid` for an empty list.
 *
 * @example
 * ```ts
 * import { requiresScopes } from 'latchkey/graphql'
 * const rule = requiresScopes([['reports:read', 'reports:all'], ['admin']]) // (both) or admin
 * ```
 */
export function requiresScopes(scopes: readonly (readonly string[])[]): Rule {
  const lists = nonEmpty(scopes, 'requiresScopes').map((list) => words(list, 'requiresScopes'))
  const guards = lists.map((list) => scope(...list)) as [Guard, ...Guard[]]
  return {
    kind: 'caller',
    key: `scopes ${JSON.stringify(lists)}`,
    guard: guards.length > 1 ? anyOf(...guards) : guards[0],
  }
}

/**
 * As `@hasPermission`: the caller has all of the permissions, or one of them. Throws `options_invalid` for an empty list.
 *
 * @example
 * ```ts
 * import { hasPermission } from 'latchkey/graphql'
 * const both = hasPermission({ allOf: ['hr:read', 'hr:salaries'] })
 * const either = hasPermission({ anyOf: ['hr:read', 'audit:read'] })
 * ```
 */
export function hasPermission(
  wanted: { readonly allOf: readonly string[] } | { readonly anyOf: readonly string[] },
): Rule {
  if ('allOf' in wanted === 'anyOf' in wanted) throw unusable('hasPermission takes either allOf or anyOf')
  if ('allOf' in wanted) {
    const all = words(wanted.allOf, 'hasPermission')
    return { kind: 'caller', key: `all ${JSON.stringify(all)}`, guard: permission(...all) }
  }
  const any = words(wanted.anyOf, 'hasPermission')
  return { kind: 'caller', key: `any ${JSON.stringify(any)}`, guard: oneOf(any) }
}

/** Says all that would do, where `anyOf` would say the first only. */
const oneOf =
  (any: readonly string[]): Guard =>
  async (auth) => {
    if (!auth) throw new AuthError('credential_missing')
    for (const one of any) if (await auth.can(one)) return
    throw new AuthError('permission_denied', { missing: any })
  }

/**
 * A rule that looks at the object, the arguments and the caller. Only `true` lets the field resolve; an AuthError that it throws
 * is the refusal. Asked for every field, so it should be quick.
 *
 * @example
 * ```ts
 * import { objectRule } from 'latchkey/graphql'
 * const ownPost = objectRule<{ authorId: string }>(({ parent, auth }) => parent.authorId === auth?.userId)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as RuleFacts.
export function objectRule<P = any, A = any>(
  check: (facts: RuleFacts<P, A>) => boolean | Promise<boolean>,
): ObjectRule {
  return { kind: 'object', check }
}

/**
 * The `extensions` of a type, a field or an input field of a schema that is made in code. Guards (`permission('posts:write')`) are
 * rules, too. All of them have to hold.
 *
 * @example
 * ```ts
 * import { GraphQLObjectType, GraphQLString } from 'graphql'
 * import { permission } from 'latchkey'
 * import { authenticated, withRules } from 'latchkey/graphql'
 * const User = new GraphQLObjectType({
 *   name: 'User',
 *   extensions: withRules(authenticated),
 *   fields: { name: { type: GraphQLString }, salary: { type: GraphQLString, extensions: withRules(permission('hr:read')) } },
 * })
 * ```
 */
export const withRules = (...rules: readonly (Rule | Guard)[]): { readonly latchkey: readonly Rule[] } => ({
  latchkey: rules.map(asRule),
})

/** A guard is the rule that asks it. Throws `options_invalid` for what is neither. */
export function asRule(given: unknown): Rule {
  if (typeof given === 'function') return { kind: 'caller', key: given, guard: given as Guard }
  const { kind, guard, check } = (given ?? {}) as { kind?: unknown; guard?: unknown; check?: unknown }
  const isRule =
    kind === 'public' ||
    (kind === 'caller' && typeof guard === 'function') ||
    (kind === 'object' && typeof check === 'function')
  if (!isRule) throw unusable('neither a rule nor a guard')
  return given as Rule
}

type Words = [string, ...string[]]

function words(list: unknown, where: string): Words {
  const all = nonEmpty(list, where)
  if (!all.every((word) => typeof word === 'string' && word.trim() !== ''))
    throw unusable(`${where} takes lists of words`)
  return all as Words
}

/** A list of nothing would let everybody through, or nobody: whoever wrote it meant something else. */
function nonEmpty<T>(list: readonly T[] | unknown, where: string): readonly T[] {
  if (Array.isArray(list) && list.length > 0) return list
  throw unusable(`${where} takes a list that is not empty`)
}

const unusable = (hint: string): AuthError => new AuthError('options_invalid', { hint })
