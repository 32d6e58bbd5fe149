/** What a guard is made of and what it answers, checked: a slip in either would let everybody in. */
import { AuthError } from '../errors.js'

/** RFC 6749 section 3.3: a scope is a word, and a challenge can repeat it. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Throws `options_invalid` unless there is a word at least, and nothing but words. */
export function demandWords(name: string, words: readonly unknown[]): void {
  if (words.length > 0 && words.every((word) => typeof word === 'string' && word !== '')) return
  throw new AuthError('options_invalid', { hint: `${name}() takes one text or several, and none of them empty` })
}

/** Throws `options_invalid` for what no token can have been granted. */
export function demandScopes(words: readonly unknown[]): void {
  demandWords('scope', words)
  if (words.every((word) => SCOPE.test(word as string))) return
  throw new AuthError('options_invalid', { hint: 'scope() takes scopes: one word each, without quotes or backslashes' })
}

/** Throws `options_invalid` unless there is a function at least, and nothing but functions. */
export function demandFunctions(name: string, functions: readonly unknown[]): void {
  if (functions.length > 0 && functions.every((one) => typeof one === 'function')) return
  throw new AuthError('options_invalid', { hint: `${name}() takes one function or several` })
}

/**
 * A guard passes by answering nothing. One that answers `false` meant to refuse, and one that answers a function was never called:
 * `authorize(where)` instead of `authorize(where(...))`. Both are faults of the application, and nobody passes.
 */
export function passed(answer: unknown): void | Promise<void> {
  if (answer === undefined) return undefined
  if (answer instanceof Promise) return answer.then(demandNothing)
  // Promises of other makes are waited for, too.
  if (typeof (answer as { then?: unknown } | null)?.then === 'function')
    return Promise.resolve(answer).then(demandNothing)
  return demandNothing(answer)
}

function demandNothing(answer: unknown): void {
  if (answer === undefined) return
  const hint = `a guard passes or throws, and this one answered ${typeof answer}: where() makes a guard of a function that answers true or false`
  throw new AuthError('options_invalid', { hint })
}
