/** How every store counts stamps, and names epochs. */
import type { Scope, Stamp } from './port.js'

/**
 * The least stamp that may be given in this second. A token without a stamp counts as `iat * 1000`, so this is one more: a
 * revocation is above whatever was issued earlier in its own second.
 */
export const stampFloor = (now: number): Stamp => now * 1000 + 1

/** Everybody of a row is one epoch, whatever key a writer gave it. */
export const epochKey = (scope: Scope, key: string): string => (scope === 'everybody' ? '' : key)

/** Until when an epoch must stay whose token stands revoked in the store: nobody remembers one for longer than this without asking. */
export const goneAfter = (now: number): number => now + 86_400
