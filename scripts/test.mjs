/** `npm test`: installs and builds what the tests need, runs them, and ends with the line `N passed, N failed`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { main, node, root, Stop } from './lib/run.mjs'
import { closingLine, sumCounts } from './lib/tally.mjs'
import { browser, django, peers, services } from './services.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  try {
    await setup('full')
    await services()
    await browser()
    await peers()
    await django()
    await build(['esm', 'server'])
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    throw new Stop(`${error.message}\n0 passed, 1 failed`, error)
  }
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  try {
    return await runTests(join(folder, 'result.json'), join(folder, 'counts.jsonl'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

async function runTests(resultFile, countsFile) {
  const vitest = [
    `${root}node_modules/vitest/vitest.mjs`,
    'run',
    '--reporter=default',
    '--reporter=./scripts/reporter.mjs',
  ]
  const env = { ...process.env, LATCHKEY_RESULT: resultFile, LATCHKEY_COUNTS: countsFile }
  const { code } = await node([...vitest, ...process.argv.slice(2)], { show: true, env })
  for (const [label, n] of sumCounts(countsFile)) console.log(`${label}: ${n.toLocaleString('en')}`)
  const none = { passed: 0, failed: 0, skipped: 0 }
  const result = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : none
  // No tests, or a runner that fell over, must never look like success.
  if (result.failed === 0 && (code !== 0 || result.passed === 0)) result.failed = 1
  console.log(closingLine(result))
  return result.failed === 0 ? 0 : 1
}
