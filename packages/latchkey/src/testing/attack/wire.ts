/** What goes to an application under attack, and what comes back. */
import type { Pair } from '../carrying.js'

/** A request of the attack. */
export interface AttackRequest {
  readonly method: string
  readonly path: string
  /** In their order; a name may stand twice. */
  readonly headers: readonly Pair[]
  readonly body: string | undefined
}

/** An answer to it. `status` 0: there was none, and `text` says why. */
export interface AttackAnswer {
  readonly status: number
  readonly text: string
}

/** Something that can be asked. */
export interface Target {
  send(request: AttackRequest): Promise<AttackAnswer>
  close(): void | Promise<void>
}

/** The answer, or that there was none in time. */
export async function patient(patience: number, work: () => Promise<AttackAnswer>): Promise<AttackAnswer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<AttackAnswer>((done) => {
    timer = setTimeout(() => done({ status: 0, text: `no answer in ${patience} ms` }), patience)
  })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    return { status: 0, text: error instanceof Error ? `${error.name}: ${error.message}` : 'it threw' }
  } finally {
    clearTimeout(timer)
  }
}

/** An answer of which the head is all that there is to wait for. */
export const isEndless = (type: string | null | undefined): boolean => type?.startsWith('text/event-stream') ?? false
