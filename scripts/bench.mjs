/** `npm run bench -- verify`: installs the peers at first use, builds, and runs bench/<name>.mjs. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from './build.mjs'
import { ci } from './lib/ci.mjs'
import { alone } from './lib/lock.mjs'
import { main, node, root, Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

const bench = `${root}bench/`
const stampFile = `${bench}node_modules/.latchkey-setup`

await main(async () => {
  const [name, ...args] = process.argv.slice(2)
  const names = readdirSync(bench).flatMap((file) => /^([a-z-]+)\.mjs$/.exec(file)?.[1] ?? [])
  if (!names.includes(name)) throw new Stop(`Say which benchmark: npm run bench -- ${names.join(' | ')}`)
  await setup('server')
  // Its servers are those of the example.
  if (name === 'graphql') await setup('graphql')
  await alone('bench', installPeers)
  await build(['esm', 'server'])
  return (await node([`${bench}${name}.mjs`, ...args], { cwd: bench, show: true })).code
})

async function installPeers() {
  const lock = createHash('sha256')
    .update(readFileSync(`${bench}package-lock.json`))
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return
  console.error('Installing the peers of the benchmarks ...')
  await ci([], { cwd: bench })
  writeFileSync(stampFile, lock)
}
