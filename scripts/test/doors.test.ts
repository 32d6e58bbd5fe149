/** What is written about the doors in several files says the same everywhere. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { derived } from '../lib/doors.mjs'

const json = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))

test('every door has an ESM and a CommonJS half, and old TypeScript finds its types', () => {
  const { exports, typesVersions } = json('packages/latchkey/package.json')
  assert.deepEqual(exports, derived().exports)
  assert.deepEqual(typesVersions, derived().typesVersions)
})

test('tests see every door as its source file', () => {
  assert.deepEqual(json('tsconfig.test.json').compilerOptions.paths, derived().paths)
})
