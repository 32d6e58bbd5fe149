/** JSON Schema (2020-12) for claims: compiled once by ajv, which is loaded at first use; errors by path, values never repeated. */
import type { ErrorObject } from 'ajv'
import { AuthError, type Problem } from '../errors.js'
import type { Claims } from './jws.js'
import { checkSchema, safePattern } from './schema-policy.js'

/** Throws `claims_invalid` with the problems found. */
export type ClaimsCheck = (claims: Claims) => void

const maxProblems = 10

/**
 * Compiles a schema. No coercion, no defaults, no network; members inherited from prototypes do not count.
 * Rejects with `options_invalid` for a schema that is wrong, refers to another document or could take long to match.
 */
export async function compileSchema(schema: object): Promise<ClaimsCheck> {
  // A copy: what its owner changes later has no effect, and getters are read once.
  const copy = checkSchema(schema)
  const [{ Ajv2020 }, formats] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')])
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
  formats.default.default(ajv)
  const validate = compile(() => ajv.compile(copy))
  return (claims) => {
    if (validate(claims)) return
    const problems = (validate.errors ?? []).slice(0, maxProblems).map(asProblem)
    throw new AuthError('claims_invalid', { reason: 'schema', problems })
  }
}

function compile<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const hint = cause instanceof Error ? cause.message : 'it does not compile'
    throw new AuthError('options_invalid', { reason: 'schema', hint: `schema: ${hint}`, cause })
  }
}

const rules: Readonly<Record<string, Problem['rule']>> = {
  required: 'required',
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

function asProblem(error: ErrorObject): Problem {
  const missing: unknown = error.params.missingProperty
  const path = typeof missing === 'string' ? `${error.instancePath}/${escapePointer(missing)}` : error.instancePath
  // ajv's messages are made from the schema alone.
  return { path, rule: rules[error.keyword] ?? 'format', message: error.message ?? 'is not as the schema demands' }
}

/** RFC 6901 section 3. */
const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
