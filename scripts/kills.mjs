/** The soak `kill`: kills a server over one database again and again, and judges what its clients saw. */
import { parseArgs } from 'node:util'
import { runKills } from '../packages/latchkey/test/kills/run.mjs'
import { variants } from '../packages/latchkey/test/kills/variants.mjs'
import { build } from './build.mjs'
import { withPostgres } from './lib/borrowed.mjs'
import { Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

/** By name: lends the URL of an empty database for some work; `undefined` is a SQLite file that the run makes. */
const stores = {
  sqlite: (work) => work(undefined),
  postgres: (work) => withPostgres(async (database) => work(await database('kills'))),
}

/** Prints the verdict; answers the exit code. */
export async function kill(args) {
  const { store, kills, variant, seed } = readArguments(args)
  await setup('full')
  await build(['esm'])
  const began = performance.now()
  const result = await stores[store]((database) => runKills({ kills, database, variant, seed, progress }))
  process.stderr.write('\n')
  console.log(JSON.stringify({ store, ...result }, undefined, 2))
  const violations = result.lost + result.forks + result.falseReuse + result.resurrected + result.odd
  // A faulty store that nobody notices is the failure.
  return violations > 0 === (variant === 'none') ? 1 : 0

  function progress(done) {
    const seconds = Math.round((performance.now() - began) / 1000)
    const end = process.stderr.isTTY ? '' : '\n'
    if (end === '' || done % 50 === 0) process.stderr.write(`\rkilled ${done} of ${kills} times in ${seconds} s${end}`)
  }
}

function readArguments(args) {
  const options = {
    store: { type: 'string', default: 'sqlite' },
    kills: { type: 'string', default: '100' },
    variant: { type: 'string', default: 'none' },
    seed: { type: 'string', default: String(Date.now()) },
  }
  const names = [stores, variants].map((table) => Object.keys(table).join('|'))
  const usage = `npm run soak -- kill [--store ${names[0]}] [--kills number] [--variant ${names[1]}] [--seed number]`
  try {
    const { store, variant, ...values } = parseArgs({ args, options }).values
    const [kills, seed] = [Number(values.kills), Number(values.seed)]
    const good = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed)
    if (good && Object.hasOwn(stores, store) && Object.hasOwn(variants, variant)) return { store, kills, variant, seed }
  } catch {}
  throw new Stop(usage, { code: 2 })
}
