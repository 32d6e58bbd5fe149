/** How every store counts stamps, and names epochs. */
import { EVERYBODY, type NewEpoch, OWN_ROW, type Scope, type Stamp } from './port.js'

/**
 * The least stamp that may be given in this second. A token without a stamp counts as `iat * 1000`, so this is one more: a
 * revocation is above whatever was issued earlier in its own second.
 */
export const stampFloor = (now: number): Stamp => now * 1000 + 1

/** Everybody of a row is one epoch, whatever key a writer gave it. */
export const epochKey = (scope: Scope, key: string): string => (scope === 'everybody' ? EVERYBODY : key)

/** Until when an epoch must stay whose token stands revoked in the store: nobody remembers one for longer than this without asking. */
export const goneAfter = (now: number): number => now + 86_400

/** So many users are told by name of a change to their group. */
export const MANY = 100

/**
 * The epochs of users whose permissions change together. Where they are many it is one, of everybody: to raise each would keep
 * all others who write to the log waiting, and a refresh is cheap.
 */
export function staleEpochs(userIds: readonly string[], until: number): readonly NewEpoch[] {
  const keys = userIds.length > MANY ? [EVERYBODY] : userIds
  return keys.map((key) => ({ scope: 'permissions', row: OWN_ROW, key, until }))
}
