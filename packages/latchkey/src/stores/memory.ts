/** Every port in Maps: the reference implementation, and what tests run on. It forgets everything when the process ends. */
import type { Clock } from '../util/time.js'
import { createAccounts } from './memory/accounts.js'
import { createApiTokens } from './memory/api-tokens.js'
import { createGroups } from './memory/groups.js'
import { createIdentities } from './memory/identities.js'
import { createKeySets } from './memory/key-sets.js'
import { createKeys } from './memory/keys.js'
import { createLog } from './memory/log.js'
import { createSessions } from './memory/sessions.js'
import type { RevocationLog, Stores } from './port.js'

/**
 * Stores that live as long as the process. No method awaits anything before it is done, so each is one transaction.
 */
export function memoryStores({ clock }: { clock: Clock }): Stores {
  const log = createLog(clock)
  const { has, insert, seen, named, ...users } = createAccounts({
    removed(id) {
      bury(id)
      leaveAll(id)
      revokeOf(id)
    },
    groupsOf: (id) => groupsOf(id),
  })
  const { groupsOf, leaveAll, joinNew, ...groups } = createGroups({ has, named, raise: log.raise })
  const { bury, ...identities } = createIdentities({ has, insert, joinNew })
  const { revokeOf, ...apiTokens } = createApiTokens({ clock, raise: log.raise })
  const { endCovered, restamp, ...sessions } = createSessions({ clock, log, seen })
  const { version, ...keys } = createKeys({ clock, raise: log.raise })

  const revocations: RevocationLog = {
    stamp: async () => log.head(),
    async append(what, because, spare) {
      const spared = endCovered(what, because, spare)
      const stamp = log.raise(what)
      if (spared) restamp(spared, stamp)
      return { stamp, at: clock() }
    },
    since: async (after, limit) => ({
      epochs: log.above(after, limit),
      head: log.head(),
      ring: version(),
      now: clock(),
    }),
    prune: async (before, limit) => log.prune(before, limit),
  }

  // Nothing to open and nothing to lose: what is stored stays through close, as it would in a file.
  const lifetime = { open: async () => {}, close: async () => {} }
  return { users, groups, sessions, revocations, keys, identities, apiTokens, keySets: createKeySets(), ...lifetime }
}
