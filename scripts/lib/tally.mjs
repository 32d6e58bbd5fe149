/** The closing lines of a test run: what the tests counted, and how many passed. */
import { existsSync, readFileSync } from 'node:fs'

/** Sums the lines `{"label", "n"}` that tests appended, by label, in the order in which labels first came. */
export function sumCounts(file) {
  const sums = new Map()
  if (!existsSync(file)) return sums
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    const { label, n } = JSON.parse(line)
    sums.set(label, (sums.get(label) ?? 0) + n)
  }
  return sums
}

export const closingLine = ({ passed, failed, skipped = 0 }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
