/** `npm run consumers`: installs the packed library in an application outside the tree, and uses it the ways people do. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ci } from './lib/ci.mjs'
import { doors } from './lib/doors.mjs'
import { pack } from './lib/pack.mjs'
import { isMain, main, node, npm, root, run, Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

const strict = { strict: true, target: 'es2022', outDir: 'out', skipLibCheck: false, types: ['node'] }

/** Each way is a program with its own settings; it fails by its exit code. */
const ways = [
  { name: 'import, on this Node', at: 'esm', steps: [['node', 'doors.mjs']] },
  { name: 'require(), on this Node', at: 'cjs', steps: [['node', 'doors.cjs']] },
  {
    name: 'TypeScript with module: nodenext',
    at: 'nodenext',
    manifest: { type: 'module' },
    compilerOptions: { ...strict, module: 'nodenext', moduleResolution: 'nodenext' },
    steps: [['tsc'], ['node', 'out/main.js']],
  },
  {
    name: 'TypeScript with module: commonjs, as old as resolution gets',
    at: 'commonjs',
    manifest: { type: 'commonjs' },
    // The types of Fastify ask for the interop; ours work either way.
    compilerOptions: { ...strict, module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
    steps: [['tsc'], ['node', 'out/main.js']],
  },
  {
    name: 'TypeScript for a bundler',
    at: 'bundler',
    compilerOptions: { ...strict, module: 'esnext', moduleResolution: 'bundler', noEmit: true },
    steps: [['tsc']],
  },
  {
    name: 'The guide of frameworks to the letter: Express, Fastify, NestJS',
    at: 'guide',
    manifest: { type: 'module' },
    // What others declare is theirs to check; Nest's users write decorators.
    compilerOptions: { ...strict, module: 'nodenext', experimentalDecorators: true, skipLibCheck: true },
    files: () => ({
      'express.ts': programOf('Express'),
      'fastify.ts': programOf('Fastify'),
      'nestjs.ts': programOf('NestJS'),
    }),
    steps: [['tsc'], ['node', '../follow.mjs', 'express', 'fastify', 'nestjs']],
  },
  {
    name: 'Jest in a NestJS 11 application',
    at: 'nest',
    steps: [
      ['tsc', '--noEmit'],
      ['jest', '--config', 'jest.config.json'],
    ],
  },
]

/** What went wrong, a text per way; `told` hears of each way as it ends. */
export async function consume(told = () => {}) {
  const { latchkey } = await pack()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-consumer-'))
  try {
    await install(folder, latchkey)
    const problems = []
    for (const way of ways) {
      const problem = await takes(folder, way)
      told(way.name, problem === undefined)
      if (problem !== undefined) problems.push(`${way.name}:\n${problem}`)
    }
    return problems
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function install(folder, tarball) {
  cpSync(`${root}scripts/consumers`, folder, { recursive: true })
  await ci([], { cwd: folder })
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await npm(['install', tarball, ...options], { cwd: folder })
  if (code !== 0) throw new Stop('The packed library cannot be installed.', { output })
}

async function takes(folder, { at, manifest, compilerOptions, files, steps }) {
  const cwd = join(folder, at)
  mkdirSync(cwd, { recursive: true })
  if (manifest) writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest))
  if (compilerOptions) {
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const written = files?.() ?? { 'main.ts': typedMain(), 'story.ts': readFileSync(join(folder, 'story.ts'), 'utf8') }
    for (const [name, text] of Object.entries(written)) writeFileSync(join(cwd, name), text)
  }
  if (at === 'esm')
    writeFileSync(
      join(cwd, 'doors.mjs'),
      plainMain((name) => `await import('${name}')`),
    )
  if (at === 'cjs')
    writeFileSync(
      join(cwd, 'doors.cjs'),
      plainMain((name) => `require('${name}')`),
    )
  for (const [program, ...args] of steps) {
    const bin = join(folder, 'node_modules/.bin', program)
    const { code, output } = await (program === 'node' ? node(args, { cwd }) : run(bin, args, { cwd }))
    if (code !== 0) return output
  }
}

/** The program in a section of the guide. */
function programOf(section) {
  const [, text = ''] = readFileSync(`${root}docs/guides/frameworks.md`, 'utf8').split(`\n## ${section}\n`)
  const program = /^```ts\n(.*?)^```$/ms.exec(text.split('\n## ')[0])?.[1]
  if (program === undefined) throw new Stop(`The guide of frameworks has no program for ${section}.`)
  return program
}

const plainMain = (load) => `
const doors = [${doors.map(({ specifier }) => load(specifier)).join(', ')}]
if (doors.some((door) => Object.keys(door).length === 0)) throw new Error('a door is empty')
if (typeof doors[0].createAuth !== 'function') throw new Error('no createAuth')
`

const typedMain = () => `
import { story } from './story.js'
${doors.map(({ specifier }, index) => `import * as door${index} from '${specifier}'`).join('\n')}
const doors: readonly object[] = [${doors.map((_, index) => `door${index}`).join(', ')}]
if (doors.some((door) => Object.keys(door).length === 0)) throw new Error('a door is empty')
story().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
`

if (isMain(import.meta.url)) {
  await main(async () => {
    await setup('full')
    const problems = await consume((name, good) => console.log(`${good ? 'ok    ' : 'failed'}  ${name}`))
    if (problems.length > 0) throw new Stop(problems.join('\n'))
  })
}
