/** What came of an attack: data for a test, and a text for people. */
import { AssertionError } from 'node:assert'
import { type Danger, type DefectClass, defectClasses } from '../defects.js'

/** One request of an attack. */
export interface Attempt {
  readonly route: string
  /** `header` or `cookie`. */
  readonly via: string
  readonly class: DefectClass
  /** Which token of the class it was. */
  readonly name: string
  /** 0 where there was no answer. */
  readonly status: number
  /** `failed`: nobody was let in, but the application fell over (a status of 500, no answer). */
  readonly outcome: 'refused' | 'let in' | 'allowed' | 'failed'
}

/** A defective token that was let in. */
export interface Finding extends Attempt {
  readonly danger: Danger
  /** The case of the security catalogue. */
  readonly case: number
  readonly meaning: string
  readonly advice: string
}

/** A route of which nothing can be said. */
export interface Untested {
  readonly route: string
  readonly via: string
  readonly because: string
}

/** What came of an attack. `String(report)` is its text. */
export interface AttackReport {
  /** Whether every route was tested and let in nothing. */
  readonly ok: boolean
  readonly routes: readonly string[]
  /** Every defective request, in its order. */
  readonly sent: readonly Attempt[]
  readonly letIn: readonly Finding[]
  readonly untested: readonly Untested[]
  readonly text: string
  /** The text. */
  toString(): string
  /** Throws an AssertionError with the text where something was let in, or a route was not tested. */
  expectNothingLetIn(): void
}

export function reportOf(
  routes: readonly string[],
  sent: readonly Attempt[],
  untested: readonly Untested[],
): AttackReport {
  const letIn = sent
    .filter(({ outcome }) => outcome === 'let in')
    .map((one): Finding => ({ ...one, ...defectClasses[one.class] }))
  const ok = letIn.length === 0 && untested.length === 0
  const text = textOf(routes, sent, letIn, untested)
  return {
    ok,
    routes,
    sent,
    letIn,
    untested,
    text,
    toString: () => text,
    expectNothingLetIn() {
      if (!ok) throw new AssertionError({ message: text, stackStartFn: this.expectNothingLetIn })
    },
  }
}

function textOf(
  routes: readonly string[],
  sent: readonly Attempt[],
  letIn: readonly Finding[],
  untested: readonly Untested[],
): string {
  const missed = untested.length === 0 ? '' : `, ${untested.length} not tested`
  const head = `${sent.length} defective requests to ${routes.length} routes: ${letIn.length} let in${missed}`
  return [head, ...routes.flatMap((route) => ['', ...linesOf(route)])].join('\n')

  function linesOf(route: string): string[] {
    const mine = sent.filter((one) => one.route === route)
    const found = letIn.filter((one) => one.route === route)
    const lines = [`${route}: ${found.length} let in of ${mine.length}`]
    for (const danger of DANGERS) {
      const some = found.filter((one) => one.danger === danger)
      if (some.length > 0) lines.push(`  ${danger}: ${MEANS[danger]}`)
      for (const name of new Set(some.map((one) => one.class)))
        lines.push(...told(some.filter((one) => one.class === name)))
    }
    for (const { via, because } of untested.filter((one) => one.route === route))
      lines.push(`  not tested by ${via}: ${because}`)
    for (const outcome of ['allowed', 'failed'] as const) {
      const some = mine.filter((one) => one.outcome === outcome)
      if (some.length > 0)
        lines.push(`  ${outcome}: ${some.length}, ${[...new Set(some.map((one) => one.class))].join(', ')}`)
    }
    return lines
  }
}

/** The worst first. */
export const DANGERS: readonly Danger[] = ['forged', 'misused', 'lax']

const MEANS: Readonly<Record<Danger, string>> = {
  forged: 'anybody can make such a token',
  misused: 'a genuine token, for something else or for another time',
  lax: 'a genuine token, in a form that another part of the service may read differently',
}

/** The lines of a class. */
function told(all: readonly Finding[]): readonly string[] {
  const [first] = all as readonly [Finding]
  const vias = [...new Set(all.map(({ via }) => via))]
  const names = [...new Set(all.map(({ name }) => printable(name)))]
  return [
    `    ${first.class} (case ${first.case}): ${first.meaning}`,
    `      by ${vias.join(' and ')}: ${names.join(' | ')}`,
    `      ${first.advice}`,
  ]
}

/** What would change how the line reads is spelled out. */
const printable = (name: string): string =>
  name.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
