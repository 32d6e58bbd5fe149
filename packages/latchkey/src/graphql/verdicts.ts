/** Asks each rule that depends on the caller alone once in an operation, however many fields have it. */
import type { GraphQLResolveInfo } from 'graphql'
import { AuthError } from '../errors.js'
import { passed } from '../guard/strict.js'
import { type Judged, judgedBy } from './caller.js'
import { toGraphQLError } from './refusal.js'
import type { CallerRule, ObjectRule, Rule, RuleFacts } from './rule.js'

/** Passed, refused for a reason, or not known yet. */
type Verdict = true | Error | Promise<void>

interface Operation {
  /** Whose verdicts these are: a context that was made from it, for another caller perhaps, has this along. */
  readonly context: object
  /** Made anew for each execution by every executor: what tells two operations on one context apart. Not known before it begins. */
  variables: object | undefined
  readonly verdicts: Map<unknown, Verdict>
}

/** On the context itself: a WeakMap of contexts, one for each request, costs more than all the rules. */
const OPERATION: unique symbol = Symbol('latchkey.graphql.operation')

type Carrier = { [OPERATION]?: Operation | undefined }

/** The verdicts of this operation; of none that another operation on the same context came to. */
export function verdictsOf(context: unknown, info: GraphQLResolveInfo): Map<unknown, Verdict> {
  const variables: unknown = info.variableValues
  if (typeof context !== 'object' || context === null || typeof variables !== 'object' || variables === null)
    return new Map()
  const known = (context as Carrier)[OPERATION]
  if (known?.context === context && (known.variables ?? variables) === variables) {
    known.variables = variables
    return known.verdicts
  }
  return begin(context, variables)
}

/** On a context that cannot carry anything each field asks for itself. */
function begin(context: object, variables: object | undefined): Map<unknown, Verdict> {
  const verdicts = new Map<unknown, Verdict>()
  if (Object.isExtensible(context)) (context as Carrier)[OPERATION] = { context, variables, verdicts }
  return verdicts
}

/**
 * Asks before the operation begins: what must be waited for is waited for once then, where each item of a list, all of them asked in
 * the same turn, would wait for itself.
 */
export function askBefore(rules: Iterable<Rule>, context: object): void | Promise<void> {
  const verdicts = begin(context, undefined)
  const waiting: Promise<void>[] = []
  for (const rule of rules) {
    if (rule.kind !== 'caller') continue
    // What it comes to stands in the verdicts, refusals too, and is said where a field is refused.
    try {
      const asked = askCaller(rule, context, verdicts)
      if (asked) waiting.push(asked.catch(() => {}))
    } catch {}
  }
  return waiting.length > 0 ? Promise.all(waiting).then(() => {}) : undefined
}

/** Forgets what was found out: for contexts that live longer than a request. */
export function forgetVerdicts(context: unknown): void {
  const known = typeof context === 'object' && context !== null ? (context as Carrier)[OPERATION] : undefined
  // Of no execution that will ever be: whoever asks next begins anew.
  if (known && known.context === context) known.variables = {}
}

/** Nothing where the rule holds, a promise where it must be waited for. Throws or rejects with a GraphQLError where it does not hold. */
export function askCaller(rule: CallerRule, context: unknown, verdicts: Map<unknown, Verdict>): void | Promise<void> {
  const known = verdicts.get(rule.key)
  if (known === true) return undefined
  if (known instanceof Promise) return known
  if (known) throw known
  const settle = (verdict: true | Error): void => void verdicts.set(rule.key, verdict)
  const refuse = (error: unknown): never => {
    const told = tell(error)
    settle(told)
    throw told
  }
  try {
    const { auth, failure } = judgedBy(context)
    if (failure) throw failure
    const answer: unknown = passed(rule.guard(auth))
    if (!isThenable(answer)) return settle(true)
    const asked = Promise.resolve(answer).then(() => settle(true), refuse)
    verdicts.set(rule.key, asked)
    return asked
  } catch (error) {
    return refuse(error)
  }
}

/** The same for a rule about the object. */
export function askObject({ check }: ObjectRule, facts: Omit<RuleFacts, 'auth'>): void | Promise<void> {
  let judged: Judged
  const decide = (answer: unknown): void => {
    // Only `true`: a rule that forgets to answer must not let anybody through.
    if (answer === true) return
    if (judged.failure) throw tell(judged.failure)
    throw tell(new AuthError(judged.auth ? 'permission_denied' : 'credential_missing'))
  }
  const refuse = (error: unknown): never => {
    const isAsked = error instanceof AuthError && error.code === 'credential_missing' && judged?.failure
    throw tell(isAsked ? judged.failure : error)
  }
  try {
    judged = judgedBy(facts.context)
    const answer: unknown = check({ ...facts, auth: judged.auth })
    return isThenable(answer) ? Promise.resolve(answer).then(decide, refuse) : decide(answer)
  } catch (error) {
    return refuse(error)
  }
}

/** Also the promises of other libraries: one that nobody waits for would be a rule that always holds. */
const isThenable = (answer: unknown): answer is PromiseLike<unknown> =>
  typeof (answer as { then?: unknown } | null | undefined)?.then === 'function'

/** What is no refusal is a fault of the rule, which the server tells its log; the field is refused all the same. */
function tell(error: unknown): Error {
  if (error instanceof AuthError && error.code !== 'options_invalid') return toGraphQLError(error)
  return error instanceof Error ? error : new Error(String(error))
}
