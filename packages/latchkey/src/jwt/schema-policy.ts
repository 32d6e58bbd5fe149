/** Which claim schemas may be compiled: small ones in plain JSON that refer to nothing outside and hold no pattern that could run away. */

import { costOf, unsafe } from './schema-pattern.js'
import { checkReach } from './schema-reach.js'

const maxDepth = 32
const maxNodes = 2_000

/** An object of JSON, as `checkSchema` copies it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A deep copy of a schema, each getter read once. Throws `options_invalid` naming the keyword that is not allowed. */
export function checkSchema(schema: unknown): JsonSchema {
  let nodes = 0
  const copy = copyOf(schema, 1)
  if (!isObject(copy)) throw unsafe('it must be an object')
  // The copy is judged, not the original: that could answer differently when it is asked again.
  checkKeywords(copy)
  checkReach(copy)
  return copy

  function copyOf(value: unknown, depth: number): unknown {
    if (++nodes > maxNodes || depth > maxDepth) throw unsafe('it is too large or too deep')
    if (Array.isArray(value)) return Array.from(value, (item) => copyOf(item, depth + 1))
    if (typeof value === 'object' && value !== null) return copyOfObject(value as JsonSchema, depth)
    const json = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    if (!json) throw unsafe('it holds something that is not JSON')
    return value
  }

  function copyOfObject(object: JsonSchema, depth: number): JsonSchema {
    const members = Object.keys(object).map((name) => [name, object[name]] as const)
    // As JSON.stringify has it: what is undefined is not there.
    const defined = members.filter(([, value]) => value !== undefined)
    return Object.fromEntries(defined.map(([name, value]) => [name, copyOf(value, depth + 1)]))
  }
}

function checkKeywords(value: unknown): void {
  if (Array.isArray(value)) value.forEach(checkKeywords)
  if (!isObject(value)) return
  for (const [name, member] of Object.entries(value)) {
    checkKeyword(name, member)
    checkKeywords(member)
  }
}

// An asynchronous schema answers with a promise, which is never false; the others change what a `$ref` means.
const refused = ['$id', '$async', '$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveAnchor', '$recursiveRef']

/** Keywords are judged by name wherever they stand, also where the name might be a property's: better strict than clever. */
function checkKeyword(name: string, value: unknown): void {
  if (name === '$ref' && !(typeof value === 'string' && /^#(\/|$)/.test(value)))
    throw unsafe('$ref must stay in the document: "#" or "#/..."')
  if (name === '$schema' && value !== 'https://json-schema.org/draft/2020-12/schema')
    throw unsafe('$schema must be 2020-12')
  if (refused.includes(name)) throw unsafe(`${name} is not supported`)
  // ajv leaves this name out of `properties` without a word.
  if (name === '__proto__') throw unsafe('__proto__ is not supported')
  if (name === 'pattern' && typeof value === 'string') costOf(value)
  if (name === 'patternProperties' && isObject(value)) Object.keys(value).forEach(costOf)
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
