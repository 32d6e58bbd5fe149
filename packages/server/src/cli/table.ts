/** Rows of text in columns, for people; programs take `--json`. */
import { stripVTControlCharacters } from 'node:util'

/** A header and rows, aligned; nothing in a cell can move the cursor. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map(plain))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${cells.map(line).join('\n')}\n`
}

/** Text that came from a stranger, as one line that a terminal shows and does not obey. */
export const plain = (text: string): string => stripVTControlCharacters(text).replace(/\p{Cc}/gu, '?')

/** Seconds as `2026-11-22 05:12:03Z`. */
export const date = (seconds: number | undefined): string =>
  seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000', '')
