/** Tells the reporter how many cases a suite really ran: a JSON line in the file that `LATCHKEY_COUNTS` names. */
import { appendFileSync } from 'node:fs'

export function count(label: string, n: number): void {
  const file = process.env.LATCHKEY_COUNTS
  if (file) appendFileSync(file, `${JSON.stringify({ label, n })}\n`)
}
