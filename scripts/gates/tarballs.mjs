/** The gate of what npm would publish: complete, nothing too much, and understood by every kind of resolution. */
import { derived } from '../lib/doors.mjs'
import { pack } from '../lib/pack.mjs'
import { run } from '../lib/run.mjs'
import { toolPasses } from '../lib/tool.mjs'

export const fact = 'The packed tarballs are sound'
export const seconds = 25

export async function check() {
  const { latchkey, server } = await pack()
  return (
    await Promise.all([
      toolPasses('publint', ['run', latchkey, '--strict']),
      toolPasses('publint', ['run', server, '--strict']),
      toolPasses('attw', [latchkey, '--no-emoji', '--no-color']),
      contents(latchkey, [
        'LICENSE',
        'README.md',
        'dist/cjs/package.json',
        ...Object.values(derived().exports).flatMap(filesOf),
      ]),
      contents(server, [
        'LICENSE',
        'README.md',
        'dist/bin.js',
        'dist/assets/swagger-ui-bundle.js',
        'dist/assets/swagger-ui.css',
      ]),
    ])
  ).flat()
}

/** The files that an entry of `exports` names. */
function filesOf(entry) {
  return typeof entry === 'string' ? entry.replace('./', '') : Object.values(entry).flatMap(filesOf)
}

async function contents(tarball, wanted) {
  const { stdout } = await run('tar', ['-tzf', tarball])
  const names = stdout.split('\n').map((name) => name.replace(/^package\//, ''))
  const missing = wanted.filter((name) => !names.includes(name))
  const allowed = /^(package\.json|LICENSE|README\.md|CHANGELOG\.md|dist\/[\w./-]+)$|^$/
  const tooMuch = names.filter((name) => !allowed.test(name) || /(^|\/)\.|\.test\./.test(name))
  return [
    ...missing.map((name) => `${tarball} lacks ${name}`),
    ...tooMuch.map((name) => `${tarball} should not hold ${name}`),
  ]
}

export const plants = [
  {
    what: 'a door that leads nowhere',
    plant: ({ edit }) =>
      edit('packages/latchkey/package.json', './dist/cjs/adapters/node.d.ts', './dist/cjs/adapters/planted.d.ts'),
    says: /planted\.d\.ts/,
  },
  {
    what: 'CommonJS users get the ESM half',
    plant: ({ edit }) =>
      edit('packages/latchkey/package.json', './dist/cjs/jwt/index.d.ts', './dist/esm/jwt/index.d.ts'),
    says: /Masquerading|ESM|types/i,
  },
  {
    what: 'the sources are packed',
    plant: ({ edit }) => edit('packages/latchkey/package.json', '"files": [', '"files": [\n    "src",'),
    says: /should not hold src\/index\.ts/,
  },
  {
    what: 'no licence',
    plant: ({ edit }) => edit('scripts/prepack.mjs', "['LICENSE', 'README.md']", "['README.md']"),
    says: /lacks LICENSE/,
  },
]
