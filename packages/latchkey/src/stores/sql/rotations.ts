/** Rotations: one compare-and-set each, and one commit for all that come together. */
import { AuthError } from '../../errors.js'
import type { SessionStore } from '../port.js'
import { batch, type Outcomes } from './batch.js'
import type { Database } from './database.js'
import { living } from './living.js'
import { affected, parameter, type Statement, statement } from './statement.js'

interface Rotation {
  readonly id: string
  readonly generation: number
  readonly secretId: string
}

/** A group holds the event loop for about as many times 10 us. */
const MOST = 256

export function createRotations(database: Database): SessionStore['rotate'] {
  const rotation = rotationOf(database)
  const enqueue = batch(together, MOST)
  return (id, generation, secretId) => enqueue({ id, generation, secretId })

  function together(group: readonly Rotation[]): Promise<Outcomes<boolean>> {
    return database.write(async (trx, now) => {
      const outcomes: (boolean | Error)[] = []
      for (const { id, generation, secretId } of group) {
        const done = rotation(trx, { id, generation, secretId, now }).then((result) => affected(result) === 1, refusal)
        outcomes.push(await done)
      }
      return outcomes
    })
  }
}

// An AuthError was thrown before the database saw the statement, so the others go on. Any other error ends the transaction.
function refusal(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  throw error
}

function rotationOf({ read }: Database): Statement {
  const now = parameter<number>('now')
  const rotate = read
    .updateTable('latchkey_sessions')
    .set((eb) => ({
      generation: eb('generation', '+', 1),
      secret_id: parameter('secretId'),
      previous_secret_id: eb.ref('secret_id'),
      rotated_at: now,
      last_seen_at: now,
    }))
    .where('id', '=', parameter('id'))
    .where('generation', '=', parameter('generation'))
    .where(living(now))
  return statement(rotate)
}
