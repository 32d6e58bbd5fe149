/** Which claim schemas may be compiled: small ones that refer to nothing outside and hold no pattern that could run away. */
import { AuthError } from '../errors.js'

const maxDepth = 32
const maxNodes = 2_000
const maxPatternLength = 256
// Each may double the work.
const maxChoices = 6
// Patterns are cubic in this at worst (`checkPattern`): under a tenth of a second.
const maxMatched = 256

/** A deep copy of a schema. Throws `options_invalid` naming the keyword that is not allowed. */
export function checkSchema(schema: unknown): Record<string, unknown> {
  let nodes = 0
  const copy = visit(schema, 1)
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) throw unsafe('it must be an object')
  return copy as Record<string, unknown>

  function visit(value: unknown, depth: number): unknown {
    if (++nodes > maxNodes || depth > maxDepth) throw unsafe('it is too large or too deep')
    if (Array.isArray(value)) return value.map((item) => visit(item, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.keys(value).map((name) => member(name, (value as Record<string, unknown>)[name], depth)),
    )
  }

  function member(name: string, value: unknown, depth: number): [string, unknown] {
    checkKeyword(name, value)
    return [name, visit(value, depth + 1)]
  }
}

/** Keywords are judged by name wherever they stand, also where the name might be a property's: better strict than clever. */
function checkKeyword(name: string, value: unknown): void {
  if (name === '$ref' && !(typeof value === 'string' && value.startsWith('#')))
    throw unsafe('$ref must stay in the document')
  if (name === '$schema' && value !== 'https://json-schema.org/draft/2020-12/schema')
    throw unsafe('$schema must be 2020-12')
  // An asynchronous schema answers with a promise, which is never false; an `$id` changes what a `$ref` means.
  if (['$id', '$async', '$dynamicRef', '$recursiveRef'].includes(name)) throw unsafe(`${name} is not supported`)
  // ajv leaves this name out of `properties` without a word.
  if (name === '__proto__') throw unsafe('__proto__ is not supported')
  if (name === 'pattern' && typeof value === 'string') checkPattern(value)
  if (name === 'patternProperties' && typeof value === 'object' && value !== null)
    Object.keys(value).forEach(checkPattern)
}

/**
 * Refuses what could take exponential time, or polynomial of a high degree: back references, look-around, a repeated group that
 * repeats or chooses inside, many choices, more than three open repetitions. To look for a match at every position is one of these.
 */
function checkPattern(pattern: string): void {
  if (pattern.length > maxPatternLength) throw unsafe('a pattern is too long')
  if (/\\[1-9]|\\k|\(\?[=!<]/.test(pattern)) throw unsafe('a pattern has a back reference or look-around')
  // To what follows, an escape or a class is one character, and `(?:` a parenthesis.
  const plain = pattern
    .replace(/\\./gs, 'x')
    .replace(/\[\^?[^\]]*\]/g, 'x')
    .replaceAll('(?:', '(')
  checkGroups(plain)
  const anchored = plain.startsWith('^') && !plain.includes('|')
  const open = (plain.match(/[*+]|\{\d+,\d*\}/g) ?? []).length + (anchored ? 0 : 1)
  if (open > 3) throw unsafe('a pattern has too many open repetitions')
}

interface Group {
  /** Something in it can match in more than one way. */
  readonly varies: boolean
  readonly chooses: boolean
}

function checkGroups(plain: string): void {
  const around: Group[] = []
  let group: Group = { varies: false, chooses: false }
  let choices = 0
  for (const [at, character] of [...plain].entries()) {
    if (character === '(') {
      around.push(group)
      group = { varies: false, chooses: false }
    } else if (character === ')') {
      const repeated = /[*+{]/.test(plain[at + 1] ?? '')
      if (group.varies && repeated) throw unsafe('a pattern repeats a group that repeats or chooses')
      const outer = around.pop() ?? { varies: false, chooses: false }
      group = { varies: outer.varies || group.varies || repeated, chooses: outer.chooses }
    } else if ('*+{?|'.includes(character)) {
      if (character === '?' || (character === '|' && !group.chooses)) choices++
      group = { varies: true, chooses: group.chooses || character === '|' }
    }
  }
  if (choices > maxChoices) throw unsafe('a pattern has too many choices')
}

export type PatternEngine = ((pattern: string, flags: string) => { test: (text: string) => boolean }) & { code: string }

/** The engine handed to ajv: a text too long to be matched in bounded time does not match. */
export const safePattern: PatternEngine = Object.assign(
  (pattern: string, flags: string) => {
    const expression = new RegExp(pattern, flags)
    const test = (text: string): boolean => text.length <= maxMatched && expression.test(text)
    // ajv takes engines with the same text for the same pattern.
    return { test, toString: () => String(expression) }
  },
  // Only generated standalone code would read this, but ajv's type asks for it.
  { code: 'new RegExp' },
)

const unsafe = (why: string): AuthError =>
  new AuthError('options_invalid', { reason: 'schema', hint: `schema: ${why}` })
