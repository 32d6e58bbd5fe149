/**
 * `npm run check`: every gate, each named as a fact. `npm run check -- imports types` runs some of them.
 * A gate is a file of scripts/gates: `fact` names it, `check()` answers with what is wrong, `plants` are faults it must find.
 */
import { readdirSync } from 'node:fs'
import { main, root, Stop } from './lib/run.mjs'
import { closingLine } from './lib/tally.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  await setup('full')
  const gates = await load(process.argv.slice(2))
  const passed = await inLanes(gates, 2)
  const failed = gates.length - passed
  console.log(closingLine({ passed, failed }))
  return failed === 0 ? 0 : 1
})

async function load(names) {
  const all = readdirSync(`${root}scripts/gates`).map((file) => file.replace('.mjs', ''))
  const unknown = names.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new Stop(`There is no gate called ${unknown}. There are: ${all.join(' ')}`)
  const chosen = names.length === 0 ? all : names
  const gates = await Promise.all(chosen.map((name) => import(`./gates/${name}.mjs`)))
  // The longest first, so that the lanes end together.
  return gates.toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))
}

async function inLanes(gates, lanes) {
  const queue = [...gates]
  let passed = 0
  const lane = async () => {
    for (let gate = queue.shift(); gate !== undefined; gate = queue.shift()) if (await holds(gate)) passed++
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return passed
}

async function holds({ fact, check }) {
  const start = performance.now()
  const problems = await check().catch(explain)
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6)
  console.log(`${problems.length === 0 ? 'ok    ' : 'failed'} ${seconds} s  ${fact}`)
  for (const line of problems.flatMap((problem) => problem.trimEnd().split('\n'))) console.log(`         ${line}`)
  return problems.length === 0
}

function explain(error) {
  return error instanceof Stop ? [error.output, error.message].filter(Boolean) : [String(error.stack)]
}
