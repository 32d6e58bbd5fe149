/** How much work a claims schema can make of one token, with every `$ref` followed: few words can say "a million times". */
import { claimLimits } from '../util/json.js'
import { costOf, unsafe } from './schema-pattern.js'

const maxWork = 4_000
const maxSteps = 2 ** 23
/** What judges every item of a list or every member counts this often: claims have thousands of items at most. */
const often = 64
/** Claims have this many levels, and values below the last. */
const levels = claimLimits.depth + 1

type Part = Readonly<Record<string, unknown>>

/** Where schemas stand in a schema, and whether they judge the same value, one below it or each below it. `$defs` is reached by `$ref` only. */
const places: Readonly<Record<string, { readonly holds: 'one' | 'list' | 'map'; readonly below: 0 | 1 | 'each' }>> = {
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
  patternProperties: { holds: 'map', below: 'each' },
  additionalProperties: { holds: 'one', below: 'each' },
  unevaluatedProperties: { holds: 'one', below: 'each' },
  propertyNames: { holds: 'one', below: 'each' },
  prefixItems: { holds: 'list', below: 1 },
  items: { holds: 'one', below: 'each' },
  contains: { holds: 'one', below: 'each' },
  unevaluatedItems: { holds: 'one', below: 'each' },
}

/** Throws `options_invalid` for a `$ref` that leads nowhere or back to itself, and for a schema that unfolds to too much. */
export function checkReach(root: Part): void {
  let work = 0
  let steps = 0
  visit(root, 1, 1, [])

  /** `followed`: the references that led here and still judge the same value. */
  function visit(part: unknown, level: number, times: number, followed: readonly string[]): void {
    if (level > levels || typeof part !== 'object' || part === null) return
    const schema = part as Part
    // To compare with a value costs little.
    work += times * (1 + (Array.isArray(schema.enum) ? schema.enum.length / 16 : 0))
    if (typeof schema.pattern === 'string') steps += costOf(schema.pattern).steps
    if (work > maxWork || steps > maxSteps) throw unsafe('with every $ref followed it is too large')
    if (typeof schema.$ref === 'string') follow(schema.$ref, level, times, followed)
    for (const [name, { holds, below }] of Object.entries(places)) {
      if (!Object.hasOwn(schema, name)) continue
      const inner = heldBy(schema[name], holds)
      if (below === 0) for (const one of inner) visit(one, level, times, followed)
      else for (const one of inner) visit(one, level + 1, below === 'each' ? often : times, [])
    }
    for (const pattern of Object.keys(schema.patternProperties ?? {})) steps += costOf(pattern).steps
  }

  function follow(ref: string, level: number, times: number, followed: readonly string[]): void {
    if (followed.includes(ref)) throw unsafe('a $ref leads back to itself')
    visit(target(root, ref), level, times, [...followed, ref])
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
