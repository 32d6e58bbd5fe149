/** The gate of the API reference: every name behind a door is documented, and every link leads somewhere. */
import { toolPasses } from '../lib/tool.mjs'

export const fact = 'The reference can be built, and every exported name is documented'
export const seconds = 10
export const check = () => toolPasses('typedoc', ['--emit', 'none', '--logLevel', 'Warn'])

export const plants = [
  {
    what: 'an export without a word',
    plant: ({ append }) =>
      append('packages/latchkey/src/index.ts', '\nexport const planted: string = process.version\n'),
    says: /planted.*does not have any documentation/,
  },
  {
    what: 'a link to nowhere',
    plant: ({ append }) =>
      append(
        'packages/latchkey/src/index.ts',
        '\n/** See {@link nowhere}. */\nexport const planted: string = process.version\n',
      ),
    says: /nowhere/,
  },
]
