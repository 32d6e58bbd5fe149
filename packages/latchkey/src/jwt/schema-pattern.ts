/** Regular expressions of a claims schema: which ones may be compiled, and how long a text each of them is tried on. */
import { AuthError } from '../errors.js'

const maxPatternLength = 256
// Each may double the work.
const maxChoices = 6
const maxOpen = 3
/** No pattern is tried on a longer text than this. */
const maxMatched = 256
// Below this a pattern would refuse what people write.
const leastMatched = 64
/** Steps that one match may take at worst: some milliseconds. */
const maxSteps = 2 ** 21

export interface PatternCost {
  /** Characters of the longest text that is tried. A longer one does not match. */
  readonly longest: number
  /** Steps that a match of such a text takes at worst. */
  readonly steps: number
}

/**
 * What a pattern costs at worst. Throws `options_invalid` for one that could take exponential time, or polynomial of a high
 * degree: back references, look-around, a repeated group that repeats or chooses inside, many choices, more than three open
 * repetitions. To look for a match at every position is one of these.
 */
export function costOf(pattern: string): PatternCost {
  if (pattern.length > maxPatternLength) throw unsafe('a pattern is too long')
  if (/\\[1-9]|\\k|\(\?[=!<]/.test(pattern)) throw unsafe('a pattern has a back reference or look-around')
  // To what follows, an escape or a class is one character, and `(?:` a parenthesis.
  const plain = pattern
    .replace(/\\[pPu]\{[^}]*\}|\\./gsu, 'x')
    .replace(/\[\^?[^\]]*\]/g, 'x')
    .replaceAll('(?:', '(')
  if (/\{(\d+,)?\d{4}/.test(plain)) throw unsafe('a pattern repeats something too often')
  const choices = choicesIn(plain)
  const anchored = plain.startsWith('^') && !plain.includes('|')
  const open = (plain.match(/[*+]|\{\d+,\d*\}/g) ?? []).length + (anchored ? 0 : 1)
  if (open > maxOpen) throw unsafe('a pattern has too many open repetitions')
  const longest = Math.min(maxMatched, Math.floor((maxSteps / 2 ** choices) ** (1 / open)))
  if (longest < leastMatched) throw unsafe('a pattern has too many choices and open repetitions')
  return { longest, steps: 2 ** choices * longest ** open }
}

interface Group {
  /** Something in it can match in more than one way. */
  readonly varies: boolean
  readonly chooses: boolean
}

function choicesIn(plain: string): number {
  const around: Group[] = []
  let group: Group = { varies: false, chooses: false }
  let choices = 0
  // By character, not by code unit: else what follows an emoji is looked for in the wrong place.
  const characters = [...plain]
  for (const [at, character] of characters.entries()) {
    if (character === '(') {
      around.push(group)
      group = { varies: false, chooses: false }
    } else if (character === ')') {
      const repeated = /[*+{]/.test(characters[at + 1] ?? '')
      if (group.varies && repeated) throw unsafe('a pattern repeats a group that repeats or chooses')
      const outer = around.pop() ?? { varies: false, chooses: false }
      group = { varies: outer.varies || group.varies || repeated, chooses: outer.chooses }
    } else if ('*+{?|'.includes(character)) {
      if (character === '?' || (character === '|' && !group.chooses)) choices++
      group = { varies: true, chooses: group.chooses || character === '|' }
    }
  }
  if (choices > maxChoices) throw unsafe('a pattern has too many choices')
  return choices
}

export type PatternEngine = ((pattern: string, flags: string) => { test: (text: string) => boolean }) & { code: string }

/** The engine handed to ajv: a text too long to be matched in bounded time does not match. */
export const safePattern: PatternEngine = Object.assign(
  (pattern: string, flags: string) => {
    const { longest } = costOf(pattern)
    const expression = new RegExp(pattern, flags)
    // Compiled here and now: what V8 finds too large must stop the start.
    expression.test('')
    const test = (text: string): boolean => text.length <= longest && expression.test(text)
    // ajv takes engines with the same text for the same pattern.
    return { test, toString: () => String(expression) }
  },
  // Only generated standalone code would read this, but ajv's type asks for it.
  { code: 'new RegExp' },
)

/** The refusal of a schema, or of a part of it. */
export const unsafe = (why: string): AuthError =>
  new AuthError('options_invalid', { reason: 'schema', hint: `schema: ${why}` })
