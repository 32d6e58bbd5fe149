/** How much work a claims schema can make of one token, with every `$ref` followed: few words can say "a million times". */
import { claimLimits } from '../util/json.js'
import { costOf, unsafe } from './schema-pattern.js'

const maxParts = 4_000
const maxSteps = 2 ** 23
/** Claims have this many levels, and values below the last. */
const levels = claimLimits.depth + 1

type Part = Readonly<Record<string, unknown>>

/** Where schemas stand in a schema, and whether they judge the same value or one below it. `$defs` is reached by `$ref` only. */
const places: Readonly<Record<string, { readonly holds: 'one' | 'list' | 'map'; readonly below: 0 | 1 }>> = {
  allOf: { holds: 'list', below: 0 },
  anyOf: { holds: 'list', below: 0 },
  oneOf: { holds: 'list', below: 0 },
  not: { holds: 'one', below: 0 },
  if: { holds: 'one', below: 0 },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { holds: 'one', below: 0 },
  else: { holds: 'one', below: 0 },
  dependentSchemas: { holds: 'map', below: 0 },
  dependencies: { holds: 'map', below: 0 },
  properties: { holds: 'map', below: 1 },
  patternProperties: { holds: 'map', below: 1 },
  additionalProperties: { holds: 'one', below: 1 },
  unevaluatedProperties: { holds: 'one', below: 1 },
  propertyNames: { holds: 'one', below: 1 },
  prefixItems: { holds: 'list', below: 1 },
  items: { holds: 'one', below: 1 },
  contains: { holds: 'one', below: 1 },
  unevaluatedItems: { holds: 'one', below: 1 },
}

/** Throws `options_invalid` for a `$ref` that leads nowhere or back to itself, and for a schema that unfolds to too much. */
export function checkReach(root: Part): void {
  let parts = 0
  let steps = 0
  visit(root, 1, [])

  /** `followed`: the references that led here and still judge the same value. */
  function visit(part: unknown, level: number, followed: readonly string[]): void {
    if (level > levels || typeof part !== 'object' || part === null) return
    const schema = part as Part
    parts += 1 + (Array.isArray(schema.enum) ? schema.enum.length : 0)
    if (typeof schema.pattern === 'string') steps += costOf(schema.pattern).steps
    if (parts > maxParts || steps > maxSteps) throw unsafe('with every $ref followed it is too large')
    if (typeof schema.$ref === 'string') follow(schema.$ref, level, followed)
    for (const [name, { holds, below }] of Object.entries(places)) {
      if (!Object.hasOwn(schema, name)) continue
      const next = below === 1 ? [] : followed
      for (const inner of heldBy(schema[name], holds)) visit(inner, level + below, next)
    }
    for (const pattern of Object.keys(schema.patternProperties ?? {})) steps += costOf(pattern).steps
  }

  function follow(ref: string, level: number, followed: readonly string[]): void {
    if (followed.includes(ref)) throw unsafe('a $ref leads back to itself')
    visit(target(root, ref), level, [...followed, ref])
  }
}

function heldBy(value: unknown, holds: 'one' | 'list' | 'map'): readonly unknown[] {
  if (holds === 'one') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

/** RFC 6901 section 6. */
function target(root: Part, ref: string): unknown {
  let at: unknown = root
  for (const name of decoded(ref).split('/').slice(1)) {
    const member = name.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, member)) throw unsafe('a $ref leads nowhere')
    at = (at as Part)[member]
  }
  return at
}

function decoded(ref: string): string {
  try {
    return decodeURIComponent(ref)
  } catch {
    throw unsafe('a $ref leads nowhere')
  }
}
