/** The judge of the fault tables: what each answer broke of what is promised while something is gone. */
import type { Answer } from './kit.js'
import type { Needs, Questions } from './questions.js'

/** By what an answer rests on: as if all were well, or 503 with the time to come back. */
export type Promised = Readonly<Record<Needs, 'good' | 'unavailable'>>

export const well: Promised = { nothing: 'good', token: 'good', read: 'good', write: 'good', proof: 'good' }

export const SOON_MILLISECONDS = 3_000

/** One line for each answer that is not what was promised, or came too late. */
export function broken(
  questions: Questions,
  answers: Readonly<Record<string, Answer>>,
  promised: Promised,
  within = SOON_MILLISECONDS,
): readonly string[] {
  return Object.entries(questions).flatMap(([name, { needs, good }]) => {
    const answer = answers[name]
    if (!answer) return [`${name}: not asked`]
    const said = `${name}: ${answer.status} ${answer.code ?? ''} after ${Math.round(answer.milliseconds)} ms`
    const isGood = answer.status === good
    const isUnavailable = answer.status === 503 && answer.code === 'store_failed' && answer.retryAfter >= 1
    // Who proves nothing may be refused for that without a look at the database.
    const isPromised = promised[needs] === 'good' ? isGood : isUnavailable || (needs === 'proof' && isGood)
    return isPromised && answer.milliseconds < within ? [] : [said]
  })
}
