/** Runs around the packing of a package: builds everything and lays licence and README beside it, `--undo` takes them away. */
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { build } from './build.mjs'
import { main, root } from './lib/run.mjs'

const files = ['LICENSE', 'README.md']

await main(async () => {
  if (process.argv.includes('--undo')) return undo()
  await build(['esm', 'cjs', 'server'])
  for (const file of files) if (existsSync(root + file)) copyFileSync(root + file, file)
})

function undo() {
  for (const file of files) rmSync(file, { force: true })
}
