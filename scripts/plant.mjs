/** `npm run check:plant`: plants each gate's faults in a copy of the project, and demands that the gate finds them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { copyProject } from './lib/copy.mjs'
import { main, node, root, Stop } from './lib/run.mjs'
import { closingLine } from './lib/tally.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  await setup('full')
  const copy = copyProject({ installed: true })
  const count = { passed: 0, failed: 0 }
  for (const name of chosen()) {
    const { fact, plants } = await import(`./gates/${name}.mjs`)
    if (!(plants?.length > 0)) throw new Stop(`"${fact}" has no planted fault, so nobody knows whether it can fail.`)
    for (const fault of plants) {
      const missed = await misses(copy, name, fault)
      count[missed === undefined ? 'passed' : 'failed']++
      console.log(`${missed === undefined ? 'found ' : 'MISSED'}  ${fact}: ${fault.what}`)
      if (missed !== undefined) console.log(missed.trimEnd().replace(/^/gm, '          '))
    }
  }
  console.log(closingLine(count))
  return count.failed === 0 ? 0 : 1
})

function chosen() {
  const asked = process.argv.slice(2)
  return asked.length > 0 ? asked : readdirSync(`${root}scripts/gates`).map((file) => file.replace('.mjs', ''))
}

/** What the gate said instead of finding the fault; `undefined` if it found it, and said so in the expected words. */
async function misses(copy, name, { plant, says }) {
  const garden = gardenOf(copy)
  try {
    plant(garden)
    const { code, output } = await node([join(copy, 'scripts/check.mjs'), name], { cwd: copy })
    return code !== 0 && says.test(output) ? undefined : output
  } finally {
    garden.restore()
  }
}

/** Ways to change files of the copy, each undone by `restore`. */
function gardenOf(copy) {
  const before = new Map()
  const change = (path, make) => {
    const file = join(copy, path)
    const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    if (!before.has(file)) before.set(file, old)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, make(old ?? ''))
  }
  return {
    write: (path, text) => change(path, () => text),
    append: (path, text) => change(path, (old) => old + text),
    prepend: (path, text) => change(path, (old) => text + old),
    edit: (path, from, to) =>
      change(path, (old) => {
        if (!old.includes(from)) throw new Stop(`${path} has no ${from}, so the fault cannot be planted.`)
        return old.replace(from, () => to)
      }),
    restore: () => {
      for (const [file, old] of before) old === undefined ? rmSync(file) : writeFileSync(file, old)
    },
  }
}
