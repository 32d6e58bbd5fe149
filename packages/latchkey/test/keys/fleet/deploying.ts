/** A server secret is replaced by two deploys, one process after the other, under sessions that go on; answers everything that should not have been. */
import { NEWER, SECRET } from '../fixtures.js'
import { type Pair, type Refused, type Replica, startReplica } from './fleet.js'

const REPLICAS = 3
const SESSIONS = 6
/** A deploy of one process takes so long, by the clock that is set by hand. */
const STEP_SECONDS = 30
/** A new secret signs and seals nothing before the store has known it so long. */
const KNOWN_SECONDS = 600

export interface DeployOptions {
  readonly database: string
  /** Of the processes that are the first to have the new secret. */
  readonly variant?: string
}

export interface Deployed {
  readonly findings: readonly string[]
  readonly refreshes: number
}

export async function deploy({ database, variant = 'none' }: DeployOptions): Promise<Deployed> {
  const findings: string[] = []
  const fleet: Replica[] = []
  let now = Math.floor(Date.now() / 1000)
  let refreshes = 0
  try {
    for (let index = 0; index < REPLICAS; index++) fleet.push(await start(SECRET))
    await at(0).ask('user', 'alice')
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => at(n).ask<Pair>('issue', 'alice')))
    const tokens = sessions.map(({ refresh }) => refresh)
    await traffic(tokens)
    await roll([NEWER, SECRET], tokens, variant)
    for (let second = 0; second <= KNOWN_SECONDS; second += 4 * STEP_SECONDS) {
      await wait(4 * STEP_SECONDS)
      await traffic(tokens)
    }
    await roll(NEWER, tokens)
    return { findings, refreshes }
  } catch (error) {
    // A process that does not start is the worst of findings.
    return { findings: [...findings, String(error)], refreshes }
  } finally {
    await Promise.all(fleet.map((replica) => replica.stop()))
  }

  function at(index: number): Replica {
    return fleet[index % REPLICAS] as Replica
  }

  function start(secret: string | readonly string[], faulty = 'none'): Promise<Replica> {
    return startReplica({ database, secret, now, variant: faulty, revocation: { bound: '300s' } })
  }

  async function roll(secret: string | readonly string[], tokens: string[], faulty?: string): Promise<void> {
    for (let index = 0; index < REPLICAS; index++) {
      // What comes after the first finding says nothing new.
      if (findings.length > 0) return
      await at(index).stop()
      fleet[index] = await start(secret, faulty)
      await wait(STEP_SECONDS)
      await traffic(tokens)
    }
  }

  async function wait(seconds: number): Promise<void> {
    now += seconds
    await Promise.all(fleet.map(({ ask }) => ask('set', now)))
  }

  /** Each session is refreshed on one process and once more, as after a lost answer, on another; the tokens are used on all. */
  async function traffic(tokens: string[]): Promise<void> {
    const round = refreshes++
    const renewed = await Promise.all(tokens.map((token, n) => refresh(token, n + round)))
    for (const [n, pair] of renewed.entries()) if (pair) tokens[n] = pair.refresh
    const access = renewed.flatMap((pair) => pair?.access ?? [])
    const refused = await Promise.all(fleet.map(({ ask }) => ask<Refused[]>('refused', access)))
    findings.push(...refused.flat().map(({ code }) => `a token was refused: ${code}`))
  }

  async function refresh(token: string, index: number): Promise<Pair | undefined> {
    try {
      const pair = await at(index).ask<Pair>('refresh', token)
      const again = await at(index + 1).ask<Pair>('refresh', token)
      if (again.refresh !== pair.refresh) findings.push('a retry got another successor')
      return pair
    } catch (error) {
      findings.push(`a session could not be refreshed: ${error instanceof Error ? error.message : error}`)
      return undefined
    }
  }
}
