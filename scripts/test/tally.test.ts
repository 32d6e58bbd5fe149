/** The closing lines of a run are sums and plain words. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { closingLine, sumCounts } from '../lib/tally.mjs'

test('the closing line names skipped tests only if there are some', () => {
  assert.equal(closingLine({ passed: 3, failed: 0 }), '3 passed, 0 failed')
  assert.equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

test('counts are summed by label, in the order of their first line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  const file = join(folder, 'counts.jsonl')
  writeFileSync(file, '{"label":"b","n":2}\n{"label":"a","n":1}\n{"label":"b","n":40}\n')
  assert.deepEqual(
    [...sumCounts(file)],
    [
      ['b', 42],
      ['a', 1],
    ],
  )
  rmSync(folder, { recursive: true })
})

test('a run in which nothing was counted has no counts', () => {
  assert.deepEqual([...sumCounts('/nowhere/counts.jsonl')], [])
})
