/** The tests of every package, run against the sources: `latchkey` means packages/latchkey/src here. */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { doors } from './scripts/lib/doors.mjs'
import { LongFirst } from './scripts/lib/long-first.mjs'

const project = (name: string, include: string[], more: object = {}) => ({
  extends: true as const,
  test: { name, include, ...more },
})

const library = 'packages/latchkey/test'
const globalSetup = [`${library}/services/global.ts`]
// Files of the library share what they import, which took a sixth of all the time, and passwords that cost nothing to hash. Those that
// replace a module, or hash passwords in earnest, keep to themselves.
const alone = [
  'races/**/*.test.ts',
  'tokens/cache.test.ts',
  'users/passwords.test.ts',
  'users/django-hashes.test.ts',
  'own-users.test.ts',
].map((path) => `${library}/${path}`)
const elsewhere = [...alone, `${library}/browser/**`]
const together = { globalSetup, isolate: false, setupFiles: [`${library}/cheap-passwords.mjs`], exclude: elsewhere }
// What drives a browser is large, so these files share it. The browser itself is many processes, which wait for each other where the
// machine is busy.
const inBrowser = { globalSetup, isolate: false, testTimeout: 90_000, hookTimeout: 90_000 }
// NestJS 11 is that of the project, and 12 lies in a folder of its own.
const nest12 = {
  ...project('nest12', [`${library}/adapters/nest*.test.ts`]),
  resolve: {
    alias: [{ find: /^@nestjs\//, replacement: `${import.meta.dirname}/scripts/nest12/node_modules/@nestjs/` }],
  },
}

export default defineConfig({
  resolve: {
    alias: [
      ...doors.map(({ specifier, source }) => ({
        find: new RegExp(`^${specifier}$`),
        replacement: `${import.meta.dirname}/${source}`,
      })),
      // Vite would take the ESM half and leave packages the CommonJS half, as two realms that refuse each other's schemas.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
    ],
  },
  test: {
    pool: 'threads',
    // Half of the time is waiting: for a disk, a server, a browser.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    sequence: { sequencer: LongFirst },
    projects: [
      project('latchkey', [`${library}/**/*.test.ts`], together),
      project('alone', alone, { globalSetup }),
      nest12,
      project('browser', [`${library}/browser/**/*.test.ts`], inBrowser),
      project('server', ['packages/server/test/**/*.test.ts'], { globalSetup }),
      project('examples', ['examples/*/test/**/*.test.ts']),
      project('scripts', ['scripts/test/**/*.test.ts']),
    ],
    coverage: { include: ['packages/*/src/**/*.ts'] },
  },
})
