/** What claims must be, as an application says it: JSON Schema or a validator that follows Standard Schema. */
import { claimLimits, isJsonError, parseJson } from '../util/json.js'
import type { Claims } from './jws.js'
import { compileJsonSchema } from './schema-json.js'
import { unsafe } from './schema-pattern.js'
import { checkSchema } from './schema-policy.js'
import { type ClaimsCheck, refusal } from './schema-problems.js'
import { readStandard, type StandardSchema } from './schema-standard.js'

export type { ClaimsCheck } from './schema-problems.js'

/**
 * What claims must be: a JSON Schema (2020-12) as an object, or any validator that follows Standard Schema, as those of zod,
 * valibot and arktype do. `ClaimsOf` is its type.
 */
export type ClaimsSchema = object | StandardSchema

/**
 * Takes a schema as it is now: what its owner changes later has no effect. Throws `options_invalid` for one that is too large,
 * refers to something outside or could take long to match; so does the answer, which compiles it, for what else is wrong.
 */
export function readClaimsSchema(schema: ClaimsSchema): () => Promise<ClaimsCheck> {
  const given: unknown = schema
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) throw unsafe('it must be an object')
  const make = readStandard(given) ?? fromJson(given)
  return async () => make()
}

function fromJson(schema: object): () => Promise<ClaimsCheck> {
  const copy = checkSchema(schema)
  return () => compileJsonSchema(copy)
}

/**
 * The check of a schema. Rejects with `options_invalid` for one that cannot be used.
 *
 * @example
 * ```ts
 * import { compileClaims } from 'latchkey/jwt'
 * const check = await compileClaims({ required: ['tenant'], properties: { tenant: { type: 'string' } } })
 * check({ sub: 'u-1', tenant: 'acme' }) // throws claims_invalid for claims without a tenant
 * ```
 */
export const compileClaims = async (schema: ClaimsSchema): Promise<ClaimsCheck> => readClaimsSchema(schema)()

/**
 * Claims as a token will say them, frozen: a Date is text there, and `undefined` is nothing. What is checked before it is signed
 * is this. Throws `claims_invalid` for more than a token may hold.
 */
export function asSigned(claims: Claims): Claims {
  try {
    return parseJson(JSON.stringify(claims), { ...claimLimits, freeze: true }) as Claims
  } catch (error) {
    throw isJsonError(error) ? refusal([], 'there are more claims, or deeper ones, than a token may hold') : error
  }
}
