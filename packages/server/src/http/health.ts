/** Whether the process lives, and whether its store answers. */
import type { ServerAuth } from '../config/open.js'
import { FAULT, problem } from './problem.js'

const json = (body: object): Response => Response.json(body, { headers: { 'cache-control': 'no-store' } })

export const alive = (): Response => json({ status: 'ok' })

/** One look at the store a second, however often a balancer asks. */
export function createReadiness(auth: Pick<ServerAuth, 'sessions'>, failed: (error: unknown) => void) {
  let asked: Promise<boolean> | undefined
  return async (): Promise<Response> => {
    asked ??= ask()
    return (await asked) ? json({ status: 'ready' }) : problem(FAULT)
  }

  async function ask(): Promise<boolean> {
    setTimeout(() => {
      asked = undefined
    }, 1_000).unref()
    try {
      await auth.sessions.find('readiness')
      return true
    } catch (error) {
      failed(error)
      return false
    }
  }
}
