/** The gate of the examples in README, guides and doc comments: what is printed compiles against the sources. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { filesUnder } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'
import { snippetsOf } from '../lib/snippets.mjs'
import { tool } from '../lib/tool.mjs'

export const fact = 'Examples in the documentation compile'
export const seconds = 10

const folder = '.cache/snippets/'
// Only users of NestJS write decorators.
const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, noEmit: true, experimentalDecorators: true }

export async function check() {
  const pages = ['README.md', ...filesUnder('docs').filter((path) => path.endsWith('.md'))]
  const sources = filesUnder('packages/latchkey/src').filter((path) => path.endsWith('.ts'))
  const snippets = [...pages, ...sources].flatMap((path) => snippetsOf(path, readFileSync(root + path, 'utf8')))
  const missing = [
    ...(snippets.some(({ path }) => path === 'README.md') ? [] : ['README.md shows no TypeScript']),
    ...(snippets.some(({ path }) => path.endsWith('.ts')) ? [] : ['no doc comment has an example']),
  ]
  return [...missing, ...(await compile(snippets))]
}

async function compile(snippets) {
  rmSync(root + folder, { recursive: true, force: true })
  mkdirSync(root + folder, { recursive: true })
  writeFileSync(
    `${root}${folder}tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.test.json', compilerOptions, include: ['.'] }),
  )
  for (const [index, { code }] of snippets.entries())
    writeFileSync(`${root}${folder}${index}.ts`, `${code}\nexport {}\n`)
  const { code, output } = await tool('tsc', ['-p', folder, '--pretty', 'false'])
  if (code === 0) return []
  const place = (_, index, line) => `${snippets[index].path}:${snippets[index].lineOf(Number(line))}`
  return [output.replace(/(?:\.cache\/snippets\/)(\d+)\.ts\((\d+),\d+\)/g, place)]
}

export const plants = [
  {
    what: 'a name that no door has',
    plant: ({ append }) => append('README.md', "\n```ts\nimport { planted } from 'latchkey'\nplanted()\n```\n"),
    says: /README\.md:\d+: error TS2305.*planted/,
  },
  {
    what: 'a doc comment that calls wrongly',
    plant: ({ edit }) =>
      edit('packages/latchkey/src/errors.ts', "new AuthError('token_expired', {", "new AuthError('planted', {"),
    says: /errors\.ts:\d+: error TS2345/,
  },
]
