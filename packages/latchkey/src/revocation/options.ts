/** The options of revocation, and the settings that become of them. */
import { invalid, within } from '../util/checks.js'
import { seconds } from '../util/time.js'
import type { WhenStale } from './freshness.js'

/** How revocations reach a process. */
export interface RevocationOptions {
  /** How old what a process knows may be when it decides. Default 5 seconds, 2 at least. */
  readonly bound?: string | number
  /** How often it reads what is new. Default 1 second; less than the bound. */
  readonly poll?: string | number
  /** What happens past the bound: `ask-store` waits for a read and answers 503 without one (default) · `deny`: 503 · `allow`: goes on with what is known. */
  readonly whenStale?: WhenStale
}

export interface RevocationSettings {
  readonly boundSeconds: number
  readonly pollSeconds: number
  readonly whenStale: WhenStale
}

/** Throws `options_invalid`. `name`: what the options are called where they stand. */
export function readRevocation(given: RevocationOptions, name = 'revocation'): RevocationSettings {
  if (typeof given !== 'object' || given === null) throw invalid(name, 'must be an object')
  const { bound = '5s', poll = '1s', whenStale = 'ask-store', ...unknown } = given
  for (const one of Object.keys(unknown)) throw invalid(`${name}.${one}`, 'is not an option')
  if (!['ask-store', 'deny', 'allow'].includes(whenStale))
    throw invalid(`${name}.whenStale`, 'must be ask-store, deny or allow')
  const boundSeconds = within(`${name}.bound`, seconds(bound, `${name}.bound`), 2, 300)
  // A poll as long as the bound would be late every time.
  const pollSeconds = within(`${name}.poll`, seconds(poll, `${name}.poll`), 1, boundSeconds - 1)
  return { boundSeconds, pollSeconds, whenStale }
}
