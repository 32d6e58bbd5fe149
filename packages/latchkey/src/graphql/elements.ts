/** What is written down at one element of a schema: its directives, its extensions, and what the options add. */
import type { ConstDirectiveNode } from 'graphql'
import { AuthError } from '../errors.js'
import { ruleOf } from './directives.js'
import { asRule, type Rule } from './rule.js'

/** The rules at one element: `undefined` where nothing is written down. */
export type Written = readonly Rule[] | undefined

/** A type, a field, an argument, an input field, an enum value: all carry the same two things. */
interface Element {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined
  readonly extensionASTNodes?: readonly { readonly directives?: readonly ConstDirectiveNode[] | undefined }[] | null
  readonly extensions?: unknown
}

/** Reads rules, and collects everything that is wrong with them, so that a start that stops says all of it. */
export interface Reader {
  read(element: Element, path: string): Written
  /** The same where no rule may stand. */
  refuse(element: Element, path: string): void
  readonly problems: string[]
}

export function createReader(more: Readonly<Record<string, unknown>>): Reader {
  const problems: string[] = []
  const unused = new Set(Object.keys(more))
  return {
    read,
    refuse,
    get problems() {
      return [...problems, ...[...unused].map((path) => `${path}: there is no such type or field`)]
    },
  }

  function read(element: Element, path: string): Written {
    const rules = [...ofDirectives(element, path), ...listed(extensionOf(element), path), ...listed(more[path], path)]
    unused.delete(path)
    const open = rules.filter(({ kind }) => kind === 'public')
    if (open.length > 0 && open.length < rules.length) problems.push(`${path}: public, and not`)
    return rules.length > 0 ? rules : undefined
  }

  function refuse(element: Element, path: string): void {
    if (ofDirectives(element, path).length > 0 || extensionOf(element) !== undefined)
      problems.push(`${path}: no rule can stand here`)
  }

  function ofDirectives({ astNode, extensionASTNodes }: Element, path: string): Rule[] {
    const nodes = [astNode, ...(extensionASTNodes ?? [])].flatMap((node) => node?.directives ?? [])
    return nodes.flatMap((node) => attempt(() => ruleOf(node) ?? [], path))
  }

  function listed(given: unknown, path: string): Rule[] {
    if (given === undefined) return []
    const rules: readonly unknown[] = Array.isArray(given) ? given : [given]
    if (rules.length === 0) problems.push(`${path}: a list of no rules`)
    return rules.flatMap((one) => attempt(() => asRule(one), path))
  }

  function attempt(make: () => Rule | readonly Rule[], path: string): Rule[] {
    try {
      return [make()].flat()
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      problems.push(`${path}: ${error.hint}`)
      return []
    }
  }
}

function extensionOf({ extensions }: Element): unknown {
  const own = (extensions ?? {}) as Readonly<Record<string, unknown>>
  return Object.hasOwn(own, 'latchkey') ? own.latchkey : undefined
}
