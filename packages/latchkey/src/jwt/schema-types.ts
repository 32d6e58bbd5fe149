/** From a claims schema to the type of what it lets through. Whatever this mapping does not know is `unknown`, never a promise. */
import type { StandardSchema } from './schema-standard.js'

/**
 * The claims that a schema lets through. Of a Standard Schema it is the input, because claims stay what the token says. Of a JSON
 * Schema it reads `type`, `const`, `enum`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `allOf`,
 * `anyOf` and `oneOf`; the rest, `$ref` too, narrows what is taken and not the type.
 *
 * @example
 * ```ts
 * import type { ClaimsOf } from 'latchkey'
 * const schema = { required: ['tenant'], properties: { tenant: { type: 'string' }, level: { enum: [1, 2] } } } as const
 * const claims: ClaimsOf<typeof schema> = { tenant: 'acme', level: 2 }
 * console.log(claims.tenant.toUpperCase())
 * ```
 */
export type ClaimsOf<S> = object extends S ? unknown : S extends StandardSchema ? InputOf<S> : Of<S, 'object'>

type IsAny<T> = 0 extends 1 & T ? true : false

type InputOf<S extends StandardSchema> =
  NonNullable<S['~standard']['types']> extends { readonly input: infer I }
    ? IsAny<I> extends true
      ? unknown
      : I
    : unknown

/** `N`: the types that the place already demands of the value, since a branch of `anyOf` need not say them again. */
type Of<S, N = never> =
  IsAny<S> extends true
    ? unknown
    : S extends false
      ? never
      : S extends { readonly const: infer V }
        ? V
        : S extends { readonly enum: readonly (infer V)[] }
          ? V
          : S extends object
            ? Typed<S, Names<S, N>> & Composed<S, Names<S, N>>
            : unknown

type Names<S, N> = S extends { readonly type: infer T } ? (T extends readonly (infer One)[] ? One : T) : N

interface Plain {
  string: string
  number: number
  integer: number
  boolean: boolean
  null: null
}

// Without a type that is known to the letter, nothing is.
type Typed<S, N> = [N] extends [never]
  ? unknown
  : N extends keyof Plain
    ? Plain[N]
    : N extends 'object'
      ? Members<S>
      : N extends 'array'
        ? Items<S>
        : unknown

type Composed<S, N> = (S extends { readonly allOf: infer B extends readonly unknown[] } ? Every<B, N> : unknown) &
  (S extends { readonly anyOf: readonly (infer B)[] } ? Branch<B, N> : unknown) &
  (S extends { readonly oneOf: readonly (infer B)[] } ? Branch<B, N> : unknown)

type Branch<B, N> = B extends unknown ? Of<B, N> : never

type Every<B extends readonly unknown[], N> = B extends readonly [infer First, ...infer Rest]
  ? Of<First, N> & Every<Rest, N>
  : unknown

type Members<S> = Flat<Properties<Known<S>, MustHave<S>>> & Others<S, Known<S>>

type Known<S> = S extends { readonly properties: infer P extends object }
  ? string extends keyof P
    ? object
    : P
  : object

type MustHave<S> = S extends { readonly required: readonly (infer R extends string)[] }
  ? string extends R
    ? never
    : R
  : never

type Properties<P, R extends PropertyKey> = { readonly [K in keyof P & R]: Of<P[K]> } & {
  readonly [K in Exclude<keyof P, R>]?: Of<P[K]>
} & { readonly [K in Exclude<R, keyof P>]: Present }

/** Any value of JSON: what is there is not `undefined`. */
// biome-ignore lint/complexity/noBannedTypes: everything but null and undefined is meant
type Present = {} | null

/** Of an index signature any name may be absent, and those that are known have to fit it too. */
type Others<S, P> = S extends { readonly patternProperties: unknown }
  ? unknown
  : S extends { readonly additionalProperties: infer A extends object }
    ? { readonly [name: string]: Of<A> | Of<P[keyof P]> | undefined }
    : unknown

type Items<S> = S extends { readonly prefixItems: infer P extends readonly unknown[] }
  ? readonly [...First<S, P>, ...Rest<S>[]]
  : readonly Rest<S>[]

type First<S, P extends readonly unknown[]> = S extends { readonly minItems: P['length'] }
  ? { readonly [K in keyof P]: Of<P[K]> }
  : { readonly [K in keyof P]?: Of<P[K]> }

type Rest<S> = S extends { readonly items: infer I } ? Of<I> : unknown

/** One object instead of several, for those who read the type. */
type Flat<T> = T extends infer O ? { [K in keyof O]: O[K] } : never
