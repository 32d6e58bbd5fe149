/**
 * `npm run fuzz [tokens] [seed]`: mutates a million tokens and compares every verdict with jose's. The seed is printed; with it a
 * finding can be run again.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const [runs = '1000000', seed = String(randomInt(2 ** 32))] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))

console.log(`${runs} tokens, seed ${seed}`)
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/latchkey/test/jwt/differential.test.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, LATCHKEY_FUZZ: runs, LATCHKEY_SEED: seed } },
)
process.exitCode = status ?? 1
