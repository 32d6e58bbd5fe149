/** Runs before a package is packed: builds everything, and lays the licence and the README of the project beside it. */
import { copyFileSync, existsSync } from 'node:fs'
import { build } from './build.mjs'
import { main, root } from './lib/run.mjs'

await main(async () => {
  await build(['esm', 'cjs', 'server'])
  for (const file of ['LICENSE', 'README.md']) if (existsSync(root + file)) copyFileSync(root + file, file)
})
