/** The type of the hook `claims` where there is a claims schema: what it has to add, and what is known of what it added. */
import type { ClaimsOf } from './schema-types.js'

/** What a schema says of the claims that are not written without the hook `claims`: it has to add those that are required. */
export type DemandedClaims<S> = Without<ClaimsOf<S>>

/** Makes the hook an option that cannot be left out, where no token would pass the schema without it. */
export type NeedsClaimsHook<S> = object extends DemandedClaims<S> ? unknown : { readonly claims: unknown }

type Without<T> = unknown extends T
  ? unknown
  : T extends object
    ? { [K in keyof T as K extends Written ? never : K]: T[K] }
    : T

/** Claims that formats, ours and those of presets, write by themselves. */
type Written =
  | 'iss'
  | 'aud'
  | 'sub'
  | 'exp'
  | 'nbf'
  | 'iat'
  | 'jti'
  | 'sid'
  | 'rev'
  | 'scope'
  | 'client_id'
  | 'token_type'
  | 'user_id'
  | 'username'
  | 'email'
  | 'orig_iat'

/** What a hook answers, as `readonly` and without the literals that `const C` keeps for the schema's sake: `'acme'` is a string. */
export type HookClaims<C> = { readonly [K in keyof C]: Widened<C[K]> }

type Widened<T> = IsUnion<T> extends true ? T : Wide<T>

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never

type Wide<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly unknown[]
        ? number extends T['length']
          ? T
          : readonly Wide<T[number]>[]
        : T extends object
          ? HookClaims<T>
          : T
