/** The tests of every package, run against the sources: `latchkey` means packages/latchkey/src here. */
import { defineConfig } from 'vitest/config'
import { doors } from './scripts/lib/doors.mjs'

const project = (name: string, include: string[], globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include, globalSetup },
})

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
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      project('latchkey', ['packages/latchkey/test/**/*.test.ts'], ['packages/latchkey/test/services/global.ts']),
      project('server', ['packages/server/test/**/*.test.ts']),
      project('examples', ['examples/*/test/**/*.test.ts']),
      project('scripts', ['scripts/test/**/*.test.ts']),
    ],
    coverage: { include: ['packages/*/src/**/*.ts'] },
  },
})
