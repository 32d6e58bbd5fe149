/** `npm run kills -- 1000 [--variant x] [--seed n]`: kills a server over one SQLite file and judges what its clients saw. */
import { parseArgs } from 'node:util'
import { runKills } from '../packages/latchkey/test/kills/run.mjs'
import { variants } from '../packages/latchkey/test/kills/variants.mjs'
import { build } from './build.mjs'
import { main, Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  const { kills, variant, seed } = readArguments()
  await setup('full')
  await build(['esm'])
  const began = performance.now()
  const result = await runKills({ kills, variant, seed, progress })
  process.stderr.write('\n')
  console.log(JSON.stringify(result, undefined, 2))
  const violations = result.lost + result.forks + result.falseReuse + result.resurrected + result.odd
  // A faulty store that nobody notices is the failure.
  return violations > 0 === (variant === 'none') ? 1 : 0

  function progress(done) {
    const seconds = Math.round((performance.now() - began) / 1000)
    const end = process.stderr.isTTY ? '' : '\n'
    if (end === '' || done % 50 === 0) process.stderr.write(`\rkilled ${done} of ${kills} times in ${seconds} s${end}`)
  }
})

function readArguments() {
  const options = {
    variant: { type: 'string', default: 'none' },
    seed: { type: 'string', default: String(Date.now()) },
  }
  const usage = `npm run kills -- [number] [--variant ${Object.keys(variants).join('|')}] [--seed number]`
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [kills, seed] = [Number(positionals[0] ?? 100), Number(values.seed)]
    const good = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed) && positionals.length <= 1
    if (good && Object.hasOwn(variants, values.variant)) return { kills, variant: values.variant, seed }
  } catch {}
  throw new Stop(usage, { code: 2 })
}
