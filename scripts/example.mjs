/** `npm run example` lists the examples; `npm run example -- dashboard --port 8000` installs, builds and runs one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { compileExample } from './lib/examples.mjs'
import { main, root, Stop } from './lib/run.mjs'
import { hearSignalsThroughNpm } from './lib/signals.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined) return list()
  if (name === 'next')
    throw new Stop('Next.js is built and walked through by a command of its own: npm run example:next')
  await prepare(name)
  // The example runs in this process, so signals and the exit code need nobody to carry them.
  hearSignalsThroughNpm()
  const start = `${root}examples/${name}/dist/main.js`
  process.argv = [process.execPath, start, ...args]
  await import(pathToFileURL(start).href)
})

function list() {
  const names = readdirSync(`${root}examples`).filter((name) => existsSync(manifestOf(name)))
  const width = Math.max(...names.map((name) => name.length))
  for (const name of names) {
    const { description } = JSON.parse(readFileSync(manifestOf(name), 'utf8'))
    console.log(`${name.padEnd(width)}  ${description}`)
  }
  console.log('\nRun one: npm run example -- <name> --port 8000')
}

function manifestOf(name) {
  return `${root}examples/${name}/package.json`
}

async function prepare(name) {
  await setup(name)
  await build(['esm'])
  await compileExample(name)
}
