/** The gate of the formatter and linter. */
import { toolPasses } from '../lib/tool.mjs'

export const fact = 'Every file is formatted and linted'
export const seconds = 2
export const check = () => toolPasses('biome', ['ci', '--error-on-warnings', '--colors=off', '.'])

export const plants = [
  {
    what: 'double quotes',
    plant: ({ append }) => append('packages/latchkey/src/errors.ts', '\nconst quoted = "so"\nconsole.log(quoted)\n'),
    says: /errors\.ts/,
  },
  {
    what: 'a debugger statement',
    plant: ({ append }) => append('packages/latchkey/src/errors.ts', '\ndebugger\n'),
    says: /noDebugger/,
  },
]
