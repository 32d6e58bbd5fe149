/** The gate of the layer rule; see .dependency-cruiser.cjs. */
import { doors } from '../lib/doors.mjs'
import { filesUnder } from '../lib/files.mjs'
import { tool } from '../lib/tool.mjs'

export const fact = 'No import looks back'
export const seconds = 5

const folders = ['packages/latchkey/src', 'packages/server/src']

export async function check() {
  const args = [...folders, '--config', '.dependency-cruiser.cjs', '--output-type', 'json']
  const { stdout, output } = await tool('depcruise', args)
  if (!stdout.startsWith('{')) return [output]
  const { modules, summary } = JSON.parse(stdout)
  return [...unseen(modules), ...summary.violations.map(sentence)]
}

/** A cruiser that sees nothing finds nothing wrong, so it has to show that it saw every file and followed its imports. */
function unseen(modules) {
  const seen = new Map(modules.map(({ source, dependencies }) => [source, dependencies]))
  const wanted = [
    ...folders.flatMap(filesUnder).filter((path) => path.endsWith('.ts')),
    ...doors.map((door) => door.source),
  ]
  const missing = wanted.filter((path) => !seen.has(path)).map((path) => `${path} was not seen`)
  const followed = seen
    .get('packages/latchkey/src/index.ts')
    ?.some(({ resolved }) => resolved.endsWith('src/errors.ts'))
  return followed ? missing : [...missing, 'no import of packages/latchkey/src/index.ts was followed']
}

function sentence({ rule, from, to, cycle }) {
  const path = cycle ? cycle.map(({ name }) => name).join(' -> ') : to
  return `${rule.name}: ${from} -> ${path}`
}

const fromTo = (what, file, specifier, says) => ({
  what,
  plant: ({ prepend }) => prepend(file, `import * as planted from '${specifier}'\nconsole.log(planted)\n`),
  says,
})

export const plants = [
  fromTo('jwt imports tokens', 'packages/latchkey/src/jwt/jws.ts', '../tokens/access.js', /jwt-look-left: .*jws\.ts/),
  fromTo('the core imports an adapter', 'packages/latchkey/src/auth.ts', './adapters/node.js', /auth-look-left/),
  fromTo(
    'the port is imported by value',
    'packages/latchkey/src/tokens/refresh.ts',
    '../stores/port.js',
    /port-by-type/,
  ),
  fromTo(
    'tokens import a database',
    'packages/latchkey/src/tokens/refresh.ts',
    '../stores/memory.js',
    /tokens-look-left/,
  ),
  fromTo(
    'a store imports tokens',
    'packages/latchkey/src/stores/memory.ts',
    '../tokens/format.js',
    /stores-know-the-port/,
  ),
  fromTo(
    'an endpoint reads the options',
    'packages/latchkey/src/endpoints/handler.ts',
    '../options.js',
    /options-for-auth-only/,
  ),
  fromTo('a cycle', 'packages/latchkey/src/util/bytes.ts', './bytes.js', /no-cycle/),
  fromTo(
    'the server imports a part',
    'packages/server/src/bin.ts',
    '../../latchkey/src/jwt/jws.js',
    /server-uses-doors/,
  ),
  fromTo(
    'the server climbs over the wall',
    'packages/server/src/bin.ts',
    '../../latchkey/src/index.js',
    /doors-by-name/,
  ),
  {
    what: 'a folder without a level',
    plant: ({ write }) =>
      write(
        'packages/latchkey/src/planted/a.ts',
        "/** Planted. */\nimport { errorRow } from '../errors.js'\nconsole.log(errorRow)\n",
      ),
    says: /every-part-has-a-level/,
  },
  {
    what: 'a cruiser that sees nothing',
    plant: ({ edit }) => edit('.dependency-cruiser.cjs', "exclude: { path: '(^|/)dist/' }", "exclude: { path: '.' }"),
    says: /was not seen/,
  },
]
