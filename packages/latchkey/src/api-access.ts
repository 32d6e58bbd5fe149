/** The part of the composition that knows API tokens: who hands them out, and who looks at them. */
import type { Events } from './events.js'
import type { Issuing } from './issuing.js'
import type { Settings } from './options.js'
import type { Stores, User, UserStore } from './stores/port.js'
import { type ApiTokenCheck, createApiTokenCheck, REMEMBERED_SECONDS } from './users/api-token-check.js'
import { type ApiTokens, createApiTokens } from './users/api-tokens.js'

export interface ApiAccess {
  readonly apiTokens: ApiTokens
  readonly check: ApiTokenCheck
}

export function createApiAccess<U extends User, C extends object>(
  { options, clock, revocation }: Settings<U, C>,
  { secrets, epochs, feed, freshness }: Issuing<U>,
  stores: Stores,
  users: UserStore<U>,
  events: Events,
  failed: (error: unknown) => void,
): ApiAccess {
  const { apiTokens: store, revocations: log } = stores
  const shared = { users, epochs, clock }
  const check = createApiTokenCheck({
    ...shared,
    tokens: store,
    usersTell: options.users === undefined,
    freshness,
    head: () => feed.head,
    keys: () => secrets.all.map((secret) => secret.subkey('api-token')),
    failed,
  })
  const apiTokens = createApiTokens({
    ...shared,
    store,
    log,
    feed,
    events,
    key: () => secrets.current().subkey('api-token'),
    // A process that is cut off and goes on asks for the row of a token once a minute.
    reachSeconds: revocation.boundSeconds + (revocation.whenStale === 'allow' ? REMEMBERED_SECONDS : 0),
  })
  return { apiTokens, check }
}
