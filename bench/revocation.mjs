/** B4 and a part of B9: what a million revocations cost the guard, the memory and the loop. */
import { quick, wanted } from './lib/command.mjs'
import { compare } from './lib/micro.mjs'
import { start } from './lib/remote.mjs'
import { below, print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'

const known = quick ? 1_000 : 1_000_000

if (wanted('guard')) {
  for (const facts of [
    { name: 'hot ES256', alg: 'ES256', hot: true, live: 256 },
    // As many as keep look-ups from finding in a cache of the processor what an earlier one left there.
    { name: 'cold HS256', alg: 'HS256', hot: false, live: 10_000 },
  ]) {
    const candidate = (count) => ({ module: 'revoked.mjs', make: 'guard', options: { ...facts, known: count } })
    const [none, all] = await compare([candidate(0), candidate(known)])
    row({
      goal: 'B4',
      case: `verify, ${facts.name}`,
      candidate: `latchkey, ${known} revoked`,
      peer: 'none revoked',
      limit: 'none revoked',
      cost: median(all),
      to: 'none revoked',
      toCost: median(none),
      ratio: timesLess(all, none),
      target: 0.95,
    })
  }
  print('B4 verifying with revocations loaded: microseconds of CPU')
}

if (wanted('memory')) {
  const child = start('./memory.mjs')
  const { bytes, lookup, step } = await child.ask('measure', known)
  child.stop()
  const same = { candidate: `latchkey, ${known} revoked`, peer: null, limit: 'the goal' }
  const goal = (name, cost, to, target) =>
    row({ goal: name, ...same, to: 'at most', ...cost, toCost: to, ratio: below(cost.cost, to), target })
  goal('B4', { case: 'bytes of an id', cost: bytes }, 20, 1)
  goal('B4', { case: 'microseconds of a look-up', cost: lookup }, 2, 1)
  goal('B9', { case: 'milliseconds of the longest step of pruning', cost: step }, 10, 1)
  print('B4, B9 what a million revocations take')
}
