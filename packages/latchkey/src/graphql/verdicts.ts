/** Asks each rule that depends on the caller alone once in an operation, however many fields have it. */
import type { GraphQLResolveInfo } from 'graphql'
import { AuthError } from '../errors.js'
import { passed } from '../guard/strict.js'
import { type Judged, judgedBy } from './caller.js'
import { toGraphQLError } from './refusal.js'
import type { CallerRule, ObjectRule, Rule, RuleFacts } from './rule.js'

/** Passed, refused for a reason, or not known yet. */
type Verdict = true | Error | Promise<void>

/** What the rules that depend on the caller alone came to in one operation. */
export interface Operation {
  /** Whose verdicts these are: a context that was made from it, for another caller perhaps, has this along. */
  readonly context: object
  /** Made anew for each execution by every executor: what tells two operations on one context apart. Not known before it begins. */
  variables: object | undefined
  /** The rules that were asked before it began, by their keys: they hold, but for those that `verdicts` says otherwise of. */
  readonly asked: Rules | undefined
  /** Made where there is anything to say: most operations ask what they ask before they begin, and all of it holds. */
  verdicts: Map<unknown, Verdict> | undefined
}

/** Rules by what makes two of them the same. */
export type Rules = ReadonlyMap<unknown, Rule>

/** On the context itself: a WeakMap of contexts, one for each request, costs more than all the rules. */
const OPERATION: unique symbol = Symbol('latchkey.graphql.operation')

type Carrier = { [OPERATION]?: Operation | undefined }

/** The verdicts of this operation; of none that another operation on the same context came to. */
export function operationOf(context: unknown, info: GraphQLResolveInfo): Operation {
  const variables: unknown = info.variableValues
  if (typeof context !== 'object' || context === null || typeof variables !== 'object' || variables === null)
    return { context: {}, variables: undefined, asked: undefined, verdicts: undefined }
  const known = (context as Carrier)[OPERATION]
  if (known?.context !== context || (known.variables ?? variables) !== variables) return begin(context, variables)
  known.variables = variables
  return known
}

/** On a context that cannot carry anything each field asks for itself. */
function begin(context: object, variables: object | undefined, asked?: Rules): Operation {
  const operation: Operation = { context, variables, asked, verdicts: undefined }
  if (Object.isExtensible(context)) (context as Carrier)[OPERATION] = operation
  return operation
}

/**
 * Asks before the operation begins: what must be waited for is waited for once then, where each item of a list, all of them asked in
 * the same turn, would wait for itself.
 */
export function askBefore(rules: Rules, context: object): void | Promise<void> {
  const operation = begin(context, undefined, rules)
  let waiting: Promise<void>[] | undefined
  for (const rule of rules.values()) {
    const verdict = rule.kind === 'caller' ? verdictOf(rule, context) : true
    if (verdict === true) continue
    // What it comes to stands in the verdicts, refusals too, and is said where a field is refused.
    const asked = keep(rule as CallerRule, verdict, operation)
    if (asked instanceof Promise) waiting = [...(waiting ?? []), asked.catch(() => {})]
  }
  return waiting && Promise.all(waiting).then(() => {})
}

/** Forgets what was found out: for contexts that live longer than a request. */
export function forgetVerdicts(context: unknown): void {
  const known = typeof context === 'object' && context !== null ? (context as Carrier)[OPERATION] : undefined
  // Of no execution that will ever be: whoever asks next begins anew.
  if (known && known.context === context) known.variables = {}
}

/** Nothing where the rule holds, a promise where it must be waited for. Throws or rejects with a GraphQLError where it does not hold. */
export function askCaller(rule: CallerRule, context: unknown, operation: Operation): void | Promise<void> {
  const { asked, verdicts } = operation
  const known = verdicts?.get(rule.key) ?? (asked?.has(rule.key) || keep(rule, verdictOf(rule, context), operation))
  if (known === true) return undefined
  if (known instanceof Promise) return known
  throw known
}

function verdictOf(rule: CallerRule, context: unknown): Verdict {
  try {
    const { auth, failure } = judgedBy(context)
    if (failure) throw failure
    return passed(rule.guard(auth)) ?? true
  } catch (error) {
    return tell(error)
  }
}

/** What is waited for is replaced by what it comes to. */
function keep({ key }: CallerRule, verdict: Verdict, operation: Operation): Verdict {
  const verdicts = operation.verdicts ?? new Map<unknown, Verdict>()
  operation.verdicts = verdicts
  const settle = (settled: Verdict): Verdict => {
    verdicts.set(key, settled)
    return settled
  }
  if (!(verdict instanceof Promise)) return settle(verdict)
  const settled = verdict.then(
    () => void settle(true),
    (error: unknown) => {
      throw settle(tell(error))
    },
  )
  return settle(settled)
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
