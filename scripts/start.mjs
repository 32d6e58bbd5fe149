/** `npm start`: from a fresh clone to a running server in development mode. */
import { existsSync } from 'node:fs'
import { build } from './build.mjs'
import { main, root, Stop } from './lib/run.mjs'
import { hearSignalsThroughNpm } from './lib/signals.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  await setup('server')
  await build(['esm', 'server'])
  const bin = `${root}packages/server/dist/bin.js`
  if (!existsSync(bin)) throw new Stop('The build made no packages/server/dist/bin.js.')
  process.env.NODE_ENV = 'development'
  // The command runs in this process, so signals and the exit code need nobody to carry them.
  hearSignalsThroughNpm()
  process.argv = [process.execPath, bin, 'serve', '--dev', ...process.argv.slice(2)]
  await import(bin)
})
