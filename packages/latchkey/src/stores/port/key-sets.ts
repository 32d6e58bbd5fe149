/** The port of the last good keys of other issuers, for a start while they do not answer. */

/** Key sets of other issuers. What it answers is not believed: whoever saved it put a MAC on it. */
export interface KeySetStore {
  /** What was saved last, and the second it is of; `undefined` before the first. */
  load(row: string): Promise<{ readonly text: string; readonly at: number } | undefined>
  /** The newest `at` wins, and of equal ones the last. */
  save(row: string, text: string, at: number): Promise<void>
}
