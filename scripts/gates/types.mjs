/** The gate of the type checker: sources, tests, examples and the tools' own tests. */
import { toolPasses } from '../lib/tool.mjs'

export const fact = 'Types hold, tests included'
export const seconds = 15
export const check = () => toolPasses('tsc', ['-p', 'tsconfig.test.json', '--pretty', 'false'])

export const plants = [
  {
    what: 'a number where a string belongs',
    plant: ({ append }) => append('packages/latchkey/src/errors.ts', '\nexport const planted: string = 1\n'),
    says: /errors\.ts.*TS2322/,
  },
  {
    what: 'a wrong call in a test',
    plant: ({ write }) =>
      write(
        'packages/latchkey/test/planted.test.ts',
        "import { errorRow } from '../src/errors.js'\nerrorRow('planted')\n",
      ),
    says: /planted\.test\.ts.*TS2345/,
  },
]
