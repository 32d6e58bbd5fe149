/** JSON Schema (2020-12) for claims: compiled once by ajv, which is loaded only where there is such a schema. */
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { AuthError, type Problem } from '../errors.js'
import { safePattern, unsafe } from './schema-pattern.js'
import type { JsonSchema } from './schema-policy.js'
import { type ClaimsCheck, escapePointer, refusal } from './schema-problems.js'

/** The formats of JSON Schema that ajv knows, without `regex`: nobody's claims are compiled here. */
const formats = [
  'date-time',
  'date',
  'time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
  'json-pointer',
  'relative-json-pointer',
] as const

/**
 * Compiles a schema that `checkSchema` copied. No coercion, no defaults, no network; members inherited from prototypes do not
 * count. Rejects with `options_invalid` for unknown keywords, types and formats.
 */
export async function compileJsonSchema(schema: JsonSchema): Promise<ClaimsCheck> {
  const [{ Ajv2020 }, plugin] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')])
  const ajv = new Ajv2020({
    strictSchema: true,
    strictNumbers: true,
    strictTypes: false,
    strictTuples: false,
    allErrors: true,
    ownProperties: true,
    logger: false,
    code: { regExp: safePattern },
  })
  plugin.default.default(ajv, { formats: [...formats], keywords: false })
  // ajv's own addition to the standard: with it `type: 'string'` would mean more than it says, and more than its type says.
  ajv.removeKeyword('nullable')
  const validate = compile(ajv, schema)
  return (claims) => {
    if (!validate(claims)) throw refusal(problemsOf(validate.errors ?? []))
  }
}

function compile(ajv: Ajv2020, schema: JsonSchema): ValidateFunction {
  try {
    return ajv.compile(schema)
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    throw unsafe(cause instanceof Error ? cause.message : 'it does not compile')
  }
}

const rules: Readonly<Record<string, Problem['rule']>> = {
  required: 'required',
  dependentRequired: 'required',
  type: 'type',
  minLength: 'short',
  minItems: 'short',
  minProperties: 'short',
  maxLength: 'long',
  maxItems: 'long',
  maxProperties: 'long',
  additionalProperties: 'unknown',
  unevaluatedProperties: 'unknown',
  uniqueItems: 'duplicate',
}

function* problemsOf(errors: readonly ErrorObject[]): Iterable<Problem> {
  for (const error of errors) {
    const missing: unknown = error.params.missingProperty
    const path = typeof missing === 'string' ? `${error.instancePath}/${escapePointer(missing)}` : error.instancePath
    // ajv's messages are made from the schema alone.
    yield { path, rule: rules[error.keyword] ?? 'format', message: error.message ?? 'is not as the schema demands' }
  }
}
