/** The gate against exports, files and dependencies that nobody uses. */
import { toolPasses } from '../lib/tool.mjs'

export const fact = 'No export without a reader'
export const seconds = 5
export const check = () => toolPasses('knip', ['--no-progress', '--treat-config-hints-as-errors'])

export const plants = [
  {
    what: 'an export that nobody imports',
    plant: ({ append }) => append('packages/latchkey/src/util/time.ts', '\nexport const planted = 1\n'),
    says: /planted/,
  },
  {
    what: 'a file that nobody imports',
    plant: ({ write }) => write('packages/latchkey/src/util/planted.ts', '/** Planted. */\nexport const planted = 1\n'),
    says: /util\/planted\.ts/,
  },
  {
    what: 'a dependency that nobody imports',
    plant: ({ edit }) =>
      edit('packages/server/package.json', '"dependencies": {', '"dependencies": {\n    "express": "5.3.0",'),
    says: /express/,
  },
]
