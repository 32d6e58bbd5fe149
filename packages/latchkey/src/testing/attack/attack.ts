/** The attack: every defective token to every route of an application, by every way in which it takes tokens. */
import type { TestCaller } from '../caller.js'
import type { Carried, Pair } from '../carrying.js'
import { type Danger, type Defect, type DefectClass, defectClasses } from '../defects.js'
import { type AttackReport, type Attempt, DANGERS, reportOf, type Untested } from './report.js'
import { type AttackRoute, type Prepared, readRoute } from './route.js'
import { type AttackTarget, openTarget } from './target.js'
import type { AttackAnswer, Target } from './wire.js'

/** What an attack may be told. */
export interface AttackOptions {
  /** Who calls where a route does not say. Default: somebody who may do everything. */
  readonly as?: TestCaller
  /** What the application lets in on purpose: it is sent and listed, and no finding. */
  readonly allow?: readonly DefectClass[]
  /** From which danger on it is a finding; what is less is allowed. Default `lax`: all of it. */
  readonly level?: Danger
  /** How many milliseconds an answer may take. Default 10,000. */
  readonly patience?: number
}

/**
 * Sends every defective token to every route, and tells by route what was let in. A route is named like `GET /posts/1`. Each is asked
 * without a token and with a good one first: a route that lets in everybody, or nobody, is reported as not tested. Throws a TypeError
 * for an application or a route that cannot be asked.
 */
export type Attack = (
  app: AttackTarget,
  routes: readonly (string | AttackRoute)[],
  options?: AttackOptions,
) => Promise<AttackReport>

/** From where the tokens come. */
export interface Arms {
  /** The caller of routes that name none. */
  as(): TestCaller | Promise<TestCaller>
  tableOf(caller: TestCaller): readonly Defect[] | Promise<readonly Defect[]>
  waysOf(caller: TestCaller): readonly Carried[]
}

/** What is sent, and what it is called in the report. */
interface Shot {
  readonly class: DefectClass
  readonly name: string
  readonly headers: readonly Pair[]
}

export function createAttack(arms: Arms): Attack {
  return async (app, routes, { as, allow = [], level = 'lax', patience = 10_000 } = {}) => {
    if (routes.length === 0) throw new TypeError('attack() needs at least one route')
    const prepared = distinct(routes.map(readRoute))
    const tables = new Map<TestCaller, readonly Defect[]>()
    const minded = DANGERS.slice(0, DANGERS.indexOf(level) + 1)
    const sent: Attempt[] = []
    const untested: Untested[] = []
    const target = await openTarget(app, patience)
    try {
      // A new caller for each route, where that is left to us: no date in the tokens shall pass while others are attacked.
      for (const route of prepared) await attackRoute(target, route, route.as ?? as ?? (await arms.as()))
    } finally {
      await target.close()
    }
    return reportOf(
      prepared.map(({ name }) => name),
      sent,
      untested,
    )

    function verdictOn(bad: DefectClass): Attempt['outcome'] {
      return allow.includes(bad) || !minded.includes(defectClasses[bad].danger) ? 'allowed' : 'let in'
    }

    async function attackRoute(to: Target, route: Prepared, caller: TestCaller): Promise<void> {
      const table = tables.get(caller) ?? (await arms.tableOf(caller))
      tables.set(caller, table)
      const good = String(table.find(({ class: bad }) => bad === undefined)?.token)
      const ways = arms.waysOf(caller)
      if (ways.length === 0) untested.push({ route: route.name, via: 'any way', because: NO_WAY })
      for (const way of ways) {
        const because = await attackWay(to, route, way, shotsOf(table, good, way, ways), good)
        if (because) untested.push({ route: route.name, via: way.name, because })
      }
    }

    /** Why the route was not tested this way, if it was not. */
    async function attackWay(
      to: Target,
      route: Prepared,
      way: Carried,
      shots: readonly Shot[],
      token: string,
    ): Promise<string | undefined> {
      const ask = (headers: readonly Pair[] = []) => to.send(route.requestWith(headers))
      if (isIn(route, await ask())) return 'it lets in whoever has no token'
      const first = await ask(way.carry(token))
      if (!isIn(route, first)) return `it does not let in a good token: ${told(first)}`
      const answers = await inParallel(shots, ({ headers }) => ask(headers))
      for (const [at, { class: bad, name }] of shots.entries()) {
        const answer = answers[at] as AttackAnswer
        const outcome = isIn(route, answer) ? verdictOn(bad) : outcomeOf(answer)
        sent.push({ route: route.name, via: way.name, class: bad, name, status: answer.status, outcome })
      }
      const last = await ask(way.carry(token))
      return isIn(route, last) ? undefined : `it stopped letting in a good token: ${told(last)}`
    }
  }
}

const NO_WAY = 'the auth takes tokens neither from a known header nor from cookies: `carry` says how they travel'

/** The same route may be attacked as two callers, or with two bodies. */
function distinct(routes: readonly Prepared[]): readonly Prepared[] {
  const times = new Map<string, number>()
  return routes.map((route) => {
    const time = (times.get(route.name) ?? 0) + 1
    times.set(route.name, time)
    return time === 1 ? route : { ...route, name: `${route.name} (${time})` }
  })
}

/** Begun in their order, a few at a time: a service may think about some of them for a while. */
async function inParallel<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = []
  const rest = all.entries()
  const worker = async (): Promise<void> => {
    for (const [at, one] of rest) done[at] = await work(one)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return done
}

const isIn = (route: Prepared, answer: AttackAnswer): boolean => answer.status !== 0 && route.letIn(answer)

/** A service that answers too late, or with a fault, refused nothing: it fell over. */
const outcomeOf = ({ status }: AttackAnswer): Attempt['outcome'] =>
  status === 0 || (status >= 500 && status !== 503) ? 'failed' : 'refused'

const told = ({ status, text }: AttackAnswer): string => (status === 0 ? text : `answered ${status}`)

function shotsOf(table: readonly Defect[], good: string, way: Carried, ways: readonly Carried[]): readonly Shot[] {
  const single = table.flatMap(({ class: bad, name, token, sendable }): Shot[] => {
    const headers = bad && sendable ? way.carry(token as string) : undefined
    return bad && headers ? [{ class: bad, name, headers }] : []
  })
  return [...single, ...doubled(table, good, way, ways)]
}

/** Two credentials in one request: which of them counts, two parts of a service may see differently. */
function doubled(table: readonly Defect[], good: string, way: Carried, ways: readonly Carried[]): readonly Shot[] {
  const wrong = String(table.find((one) => one.class === 'wrong-key')?.token)
  const twice: DefectClass = way.name === 'cookie' ? 'two-cookies' : 'two-headers'
  const orders: readonly [string, string, string][] = [
    ['the good one first', good, wrong],
    ['the good one last', wrong, good],
    ['the good one twice', good, good],
  ]
  const shots = orders.flatMap(([name, first, second]): Shot[] => {
    const headers = way.twice(first, second)
    return headers ? [{ class: twice, name, headers }] : []
  })
  // Once is enough: from the header's side.
  const other = way.name === 'cookie' ? undefined : ways.find((one) => one.name === 'cookie')
  const [mine, theirs] = [way.carry(good), other?.carry(good)]
  if (!mine || !theirs) return shots
  return [...shots, { class: 'header-and-cookie', name: 'a good one in each', headers: [...mine, ...theirs] }]
}
