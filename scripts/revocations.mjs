/** The soak `revocations`: ends things on several servers over one database, and judges by when the others refuse them. */
import { parseArgs } from 'node:util'
import { runReach } from '../packages/latchkey/test/reach/run.mjs'
import { variants } from '../packages/latchkey/test/reach/variants.mjs'
import { build } from './build.mjs'
import { withPostgres, withRedis } from './lib/borrowed.mjs'
import { Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

/** By name: lends what makes the addresses of an empty store for some work. */
const stores = {
  sqlite: (work) => work(async () => ({})),
  postgres: (work) => withPostgres((database) => work(async (name) => ({ database: await database(name) }))),
  redis: (work) =>
    withPostgres((database) => withRedis((redis) => work(async (name) => ({ database: await database(name), redis })))),
}

/** Whoever allows or denies is asked for a part of it: what differs is the stop. */
const PART = 5

/** Prints the verdict of every way in which the store is used; answers the exit code. */
export async function revocations(args) {
  const { store, count, processes, stop, variant, seed } = readArguments(args)
  await setup('full')
  await build(['esm'])
  let isBad = false
  await stores[store](async (addresses) => {
    for (const way of waysOf(store)) {
      const name = `${way.pushes ? 'push' : 'poll'}-${way.whenStale}`
      const share = way.whenStale === 'ask-store' ? count : Math.ceil(count / PART)
      const where = await addresses(name)
      const result = await runReach({ ...where, ...way, count: share, processes, stop, variant, seed, progress })
      process.stderr.write('\n')
      console.log(JSON.stringify({ store, way: name, variant, ...result }, undefined, 2))
      const { missed, behind, wronged, unavailable, odd, unseen, slow } = result
      if (missed + behind + wronged + unavailable + odd + unseen + slow > 0) isBad = true
    }
  })
  // A faulty server that nobody notices is the failure.
  return isBad === (variant === 'none') ? 1 : 0
}

function waysOf(store) {
  const polls = { pushes: false, whenStale: 'ask-store' }
  const policies = ['deny', 'allow'].map((whenStale) => ({ pushes: store !== 'sqlite', whenStale }))
  const pushes = { pushes: true, whenStale: 'ask-store' }
  return { sqlite: [polls, ...policies], postgres: [pushes, polls, ...policies], redis: [pushes] }[store]
}

function progress(done) {
  const end = process.stderr.isTTY ? '' : '\n'
  if (end === '' || done % 100 === 0) process.stderr.write(`\rended ${done}${end}`)
}

function readArguments(args) {
  const options = {
    store: { type: 'string', default: 'sqlite' },
    count: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '4' },
    stop: { type: 'string', default: '60' },
    variant: { type: 'string', default: 'none' },
    seed: { type: 'string', default: String(Date.now()) },
  }
  const names = [stores, variants].map((table) => Object.keys(table).join('|'))
  const usage = `npm run soak -- revocations [--store ${names[0]}] [--count number] [--processes 2-4] [--stop seconds] [--variant ${names[1]}] [--seed number]`
  try {
    const { store, variant, ...values } = parseArgs({ args, options }).values
    const [count, processes, stop, seed] = ['count', 'processes', 'stop', 'seed'].map((name) => Number(values[name]))
    const good = [count, processes, stop, seed].every(Number.isSafeInteger) && count > 0 && stop >= 0
    const known = Object.hasOwn(stores, store) && Object.hasOwn(variants, variant)
    if (good && known && processes >= 2 && processes <= 4) return { store, count, processes, stop, variant, seed }
  } catch {}
  throw new Stop(usage, { code: 2 })
}
