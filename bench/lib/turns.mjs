/** Wakes candidates in turn, round after round, each round beginning with another one, and keeps what each round cost. */
import { roundsWanted } from './command.mjs'

/** `measure` gets a candidate and answers its figure. The result has one list of figures per candidate, in the order of rounds. */
export async function inTurn(candidates, measure, rounds = roundsWanted) {
  const figures = candidates.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let step = 0; step < candidates.length; step++) {
      const at = (round + step) % candidates.length
      figures[at].push(await measure(candidates[at]))
    }
  }
  return figures
}
