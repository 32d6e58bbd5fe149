/** The catalogue tells of every code, as the library throws it. */
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { errorCodes, errorRow } from '../../packages/latchkey/src/errors.js'
import { catalogue } from '../errors.mjs'
import { errorTable } from '../lib/error-table.mjs'

test('the tools read the same table as the library', async () => {
  const rows = errorCodes.map((code) => ({ code, ...errorRow(code) }))
  assert.deepEqual(await errorTable(), rows)
})

test('every code has a section with its message', async () => {
  const page = await catalogue()
  for (const code of errorCodes) {
    assert.ok(page.includes(`\n## ${code}\n\n**What happened:** ${errorRow(code).message}`), code)
  }
})
