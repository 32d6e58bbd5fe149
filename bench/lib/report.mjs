/** What a benchmark prints: a table for people, and a JSON line per row for programs. */
import { quick } from './command.mjs'

/** Runs and restarts move a ratio by so much, so a goal that is missed by less is not called missed. */
const margin = 0.15

/** A ratio of which more is better, against its goal. */
export function verdict(ratio, target) {
  if (ratio >= target) return 'met'
  return ratio >= target * (1 - margin) ? 'within the margin' : 'missed'
}

/** A figure that must stay below its goal, as a ratio of which more is better. */
export const below = (figure, target) => target / figure

const rows = []

/**
 * Adds a row: `goal`, `case`, `candidate`, `peer`, `limit`; `cost` of the candidate and `toCost` of what it is compared `to`;
 * `ratio`, of which more is better; and `target` where the goal names one.
 */
export function row({ target = null, ...facts }) {
  const figures = Object.entries({ ...facts, target }).map(([name, value]) => [name, rounded(value)])
  const met = target === null ? null : quick ? 'not measured' : verdict(facts.ratio, target)
  rows.push({ ...Object.fromEntries(figures), met })
}

const rounded = (value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value)

const columns = ['case', 'candidate', 'cost', 'to', 'toCost', 'ratio', 'target', 'met']

/** Prints what was added since the last time. */
export function print(title) {
  console.log(`\n${title}`)
  const cells = rows.map((one) => columns.map((name) => String(one[name] ?? '')))
  for (const line of aligned([columns, ...cells])) console.log(line)
  for (const one of rows) console.log(JSON.stringify(one))
  rows.length = 0
}

function aligned(table) {
  const widths = columns.map((_, column) => Math.max(...table.map((cells) => cells[column].length)))
  return table.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
}
