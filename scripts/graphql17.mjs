/** `npm run test:graphql17`: the tests of `latchkey/graphql` over graphql 17 with Yoga, graphql-http and graphql-ws. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ci } from './lib/ci.mjs'
import { alone } from './lib/lock.mjs'
import { main, node, root } from './lib/run.mjs'
import { setup } from './setup.mjs'

const folder = `${root}scripts/graphql17/`
const stampFile = `${folder}node_modules/.latchkey-setup`

await main(async () => {
  await setup('full')
  await alone('graphql17', install)
  const vitest = [`${root}node_modules/vitest/vitest.mjs`, 'run', '--config', `${folder}vitest.config.ts`]
  return (await node([...vitest, ...process.argv.slice(2)], { cwd: root, show: true })).code
})

async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${folder}package-lock.json`))
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return
  await ci([], { cwd: folder })
  writeFileSync(stampFile, lock)
}
