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

test('every code has a section: its message, what happened, what the client does, what the operator looks at', async () => {
  const sections = new Map((await catalogue()).split('\n## ').map((text) => [text.slice(0, text.indexOf('\n')), text]))
  for (const code of errorCodes) {
    const text = sections.get(code) ?? ''
    assert.ok(text.startsWith(`${code}\n\n> ${errorRow(code).message}\n`), code)
    for (const part of ['What happened', 'What the client does', 'What the operator looks at'])
      assert.match(text, new RegExp(`\\*\\*${part}:\\*\\* .{12,}\\.\n`), `${code}: ${part}`)
  }
})
