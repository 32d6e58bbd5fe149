/** Standard Schema (https://standardschema.dev): what zod, valibot, arktype and others agree on, as a check of claims. */
import type { AuthError, Problem } from '../errors.js'
import type { Claims } from './jws.js'
import { unsafe } from './schema-pattern.js'
import { type ClaimsCheck, escapePointer, generic, refusal } from './schema-problems.js'

/**
 * A validator of version 1 of Standard Schema. Only its verdict is used: what it makes of the claims is not.
 *
 * @example
 * ```ts
 * import type { StandardSchema } from 'latchkey'
 * interface Tenant { readonly tenant: string }
 * const isTenant = (claims: unknown): claims is Tenant => typeof (claims as Partial<Tenant>).tenant === 'string'
 * export const withTenant: StandardSchema<Tenant> = {
 *   '~standard': {
 *     version: 1,
 *     vendor: 'example',
 *     validate: (claims) => (isTenant(claims) ? { value: claims } : { issues: [{ message: 'no tenant', path: ['tenant'] }] }),
 *   },
 * }
 * ```
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What Standard Schema asks a validator for. */
  readonly '~standard': {
    /** Of the specification. */
    readonly version: 1
    /** The library that it comes from. */
    readonly vendor: string
    /** Judges a value. Must answer at once, and the same whenever it is asked about the same value. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    /** For the type checker alone: what it takes, and what it makes of that. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a Standard Schema answers: a value, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type Ask = (claims: Claims) => unknown

/**
 * What makes the check of a Standard Schema, which is taken out of its object here and now; `undefined` for anything else.
 * Both throw `options_invalid` for one that cannot be used.
 */
export function readStandard(schema: object): (() => ClaimsCheck) | undefined {
  const standard = '~standard' in schema ? schema['~standard'] : undefined
  if (typeof standard !== 'object' || standard === null) return undefined
  const { version, validate } = standard as Partial<StandardSchema['~standard']>
  if (typeof validate !== 'function') return undefined
  if (version !== 1) throw unsafe('it is a Standard Schema of another version than 1')
  const ask: Ask = (claims) => Reflect.apply(validate, standard, [claims])
  return () => {
    if (promises(ask)) throw unsafe('an asynchronous validator cannot judge claims')
    return (claims) => judge(ask, claims)
  }
}

/** Most asynchronous validators answer anything with a promise; one that does so for some claims only refuses those. */
function promises(ask: Ask): boolean {
  try {
    return isPromise(ask(Object.freeze({})))
  } catch {
    // It may well be made for claims that are never empty.
    return false
  }
}

function judge(ask: Ask, claims: Claims): void {
  const no = refusalBy(ask, claims)
  if (no) throw no
  // One that remembers, as a regular expression with the flag g does, would take a token now and refuse it the next time.
  if (refusalBy(ask, claims)) throw fault('does not answer the same twice')
}

/** `undefined` for claims that are good: whatever is not a clear yes is a no. */
function refusalBy(ask: Ask, claims: Claims): AuthError | undefined {
  try {
    const answer = ask(claims)
    if (isPromise(answer)) return fault('answers with a promise')
    const { issues } = answer as { readonly issues?: readonly StandardIssue[] }
    if (issues) return refusal(problemsOf(issues, claims))
    return 'value' in (answer as object) ? undefined : fault('answers neither a value nor issues')
  } catch {
    // What it threw is not passed on: it may quote the claims.
    return fault('throws')
  }
}

const fault = (what: string): AuthError => refusal([], `the validator of the claims ${what}`)

function isPromise(answer: unknown): boolean {
  if (typeof (answer as { then?: unknown } | null | undefined)?.then !== 'function') return false
  // Nobody waits for it, and a rejection that nobody hears ends the process.
  Promise.resolve(answer).catch(() => {})
  return true
}

/** Messages are left out, because a validator may write the value into them, and so may paths: they are followed in the claims. */
function* problemsOf(issues: readonly StandardIssue[], claims: Claims): Iterable<Problem> {
  for (const { path } of issues.slice(0, 100)) {
    const { pointer, missing } = place(path ?? [], claims)
    yield missing ? { path: pointer, rule: 'required', message: 'is missing' } : generic(pointer)
  }
}

function place(path: NonNullable<StandardIssue['path']>, claims: Claims): { pointer: string; missing: boolean } {
  let at: unknown = claims
  let pointer = ''
  for (const [index, step] of path.entries()) {
    const name = String(typeof step === 'object' ? step.key : step)
    if (typeof at !== 'object' || at === null) break
    const missing = !Object.hasOwn(at, name)
    // The name of what is not there is not the token's.
    if (missing && index < path.length - 1) break
    pointer += `/${escapePointer(name)}`
    if (missing) return { pointer, missing }
    at = (at as Claims)[name]
  }
  return { pointer, missing: false }
}
