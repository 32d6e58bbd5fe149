/** The tests of `latchkey/graphql` once more, over graphql 17 and the servers that take it. */
import { createRequire } from 'node:module'
import { defineConfig, type Plugin } from 'vitest/config'
import { doors } from '../lib/doors.mjs'

const root = new URL('../../', import.meta.url).pathname
const library = 'packages/latchkey/test/graphql'
const { resolve } = createRequire(import.meta.url)

/** What is installed here stands for what is installed for all others. */
const seventeen: Plugin = {
  name: 'graphql 17',
  enforce: 'pre',
  resolveId: (source) => (/^graphql(-yoga|-ws|-http)?(\/|$)/.test(source) ? resolve(source) : undefined),
}

export default defineConfig({
  root,
  plugins: [seventeen],
  resolve: {
    alias: doors.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: root + source,
    })),
  },
  test: {
    name: 'graphql 17',
    include: [
      'scripts/graphql17/*.test.ts',
      `${library}/**/*.test.ts`,
      'packages/latchkey/test/presets/graphql-jwt-servers.test.ts',
    ],
    exclude: [`${library}/mercurius.test.ts`],
    env: { LATCHKEY_GRAPHQL_SERVERS: 'yoga graphql-http' },
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
