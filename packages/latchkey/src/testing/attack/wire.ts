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
