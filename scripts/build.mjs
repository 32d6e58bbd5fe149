/** Compiles the packages with tsc, only when something changed since the last time. */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { doors } from './lib/doors.mjs'
import { filesUnder } from './lib/files.mjs'
import { alone } from './lib/lock.mjs'
import { isMain, main, node, root, Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

const require = createRequire(import.meta.url)

/** A target is one tsconfig, the folder it writes, and what has to lie beside the compiled files. */
const targets = {
  esm: {
    tsconfig: 'packages/latchkey/tsconfig.json',
    sources: ['packages/latchkey'],
    out: 'packages/latchkey/dist/esm',
    finish: bundle,
  },
  // Jest and TypeScript's `module: commonjs` do not load ESM; they get a build of their own.
  cjs: {
    tsconfig: 'packages/latchkey/tsconfig.cjs.json',
    sources: ['packages/latchkey'],
    out: 'packages/latchkey/dist/cjs',
    finish: (out) => writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n'),
  },
  server: {
    tsconfig: 'packages/server/tsconfig.json',
    sources: ['packages/latchkey', 'packages/server'],
    out: 'packages/server/dist',
    finish: copyReferencePage,
  },
}

/** Builds targets in order: `['esm', 'server']` is what runs, `cjs` is for packing. */
export async function build(names = ['esm', 'server']) {
  if (names.every((name) => isCurrent(name))) return
  await alone('build', async () => {
    for (const name of names) if (!isCurrent(name)) await compile(name)
  })
}

async function compile(name) {
  const { tsconfig, out, finish } = targets[name]
  const state = stateOf(name)
  removeOrphans(name)
  const { code, output } = await node([require.resolve('typescript/bin/tsc'), '-b', tsconfig, '--pretty', 'false'])
  if (code !== 0) throw new Stop(`The build of ${dirname(tsconfig)} failed (${tsconfig}).`, { output })
  await finish?.(`${root}${out}`)
  writeFileSync(stampOf(name), state)
}

const stampOf = (name) => `${root}${targets[name].out}/.stamp`

const isCurrent = (name) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === stateOf(name)

/** A digest of all that decides what the compiler writes. */
function stateOf(name) {
  const hash = createHash('sha256').update(readFileSync(new URL(import.meta.url)))
  const sources = targets[name].sources.flatMap((folder) => filesUnder(`${folder}/src`))
  const settings = ['tsconfig.base.json', 'package-lock.json', targets[name].tsconfig]
  const manifests = targets[name].sources.map((folder) => `${folder}/package.json`)
  for (const file of [...sources, ...settings, ...manifests])
    hash.update(`\0${file}\0`).update(readFileSync(root + file))
  return hash.digest('hex')
}

/** Removes what was compiled from a file that is gone, so that it is not packed. */
function removeOrphans(name) {
  const { tsconfig, out } = targets[name]
  const source = `${dirname(tsconfig)}/src`
  for (const file of filesUnder(out)) {
    const stem = /^(.*?)(\.d)?\.[jt]s$/.exec(file.slice(out.length))?.[1]
    if (stem === undefined || file.startsWith(`${out}/assets/`)) continue
    if (!existsSync(`${root}${source}${stem}.ts`)) rmSync(root + file)
  }
}

/** A door is one file and what it shares with others: Node takes about a millisecond for each file of an import. */
async function bundle(out) {
  const { build: esbuild } = createRequire(`${root}packages/server/package.json`)('esbuild')
  const outdir = `${out}/../bundle`
  rmSync(outdir, { recursive: true, force: true })
  // What is for tests alone is bundled apart, so that it splits nothing that applications load; and what browsers load is for browsers.
  const isFor = { tests: ({ path }) => path.startsWith('testing/'), browsers: ({ path }) => path.startsWith('client/') }
  const onNode = { platform: 'node', target: 'node20.19' }
  const groups = [
    { of: doors.filter((door) => !isFor.tests(door) && !isFor.browsers(door)), ...onNode },
    { of: doors.filter(isFor.tests), ...onNode },
    { of: doors.filter(isFor.browsers), platform: 'browser', target: 'es2022' },
  ]
  for (const { of: group, platform, target } of groups) {
    await esbuild({
      entryPoints: group.map(({ path }) => `${out}/${path}.js`),
      outbase: out,
      outdir,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform,
      format: 'esm',
      target,
      chunkNames: 'shared/[hash]',
      logLevel: 'error',
    })
  }
}

function copyReferencePage(out) {
  const from = dirname(createRequire(`${root}packages/server/package.json`).resolve('swagger-ui-dist/package.json'))
  mkdirSync(`${out}/assets`, { recursive: true })
  for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css']) copyFileSync(join(from, file), `${out}/assets/${file}`)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await setup('server')
    await build(['esm', 'cjs', 'server'])
  })
}
