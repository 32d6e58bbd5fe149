/** Ports that exist before their database is open, and that turn every fault of it into `store_failed`. */
import { AuthError } from '../../errors.js'
import type { Ports } from './stores.js'

/** Every method of every port, so that the type checker misses none. */
const methods: { readonly [P in keyof Ports]: { readonly [M in keyof Ports[P]]: true } } = {
  users: {
    findById: true,
    findByLogin: true,
    setPasswordHash: true,
    create: true,
    change: true,
    signedIn: true,
    remove: true,
    list: true,
    offerBootstrap: true,
    claimBootstrap: true,
  },
  sessions: { create: true, find: true, rotate: true, touch: true, list: true, prune: true },
  revocations: { stamp: true, append: true, since: true, prune: true },
  keys: { load: true, save: true, announce: true },
  groups: {
    create: true,
    find: true,
    list: true,
    change: true,
    remove: true,
    join: true,
    leave: true,
    members: true,
  },
  identities: { find: true, provision: true, provisionAll: true, link: true, unlink: true, list: true },
  apiTokens: { create: true, find: true, list: true, revoke: true, touch: true, prune: true },
  keySets: { load: true, save: true },
}

/** `opened` answers the ports once there are some. */
export function latePorts(opened: () => Ports | undefined): Ports {
  return {
    users: late('users'),
    sessions: late('sessions'),
    revocations: late('revocations'),
    keys: late('keys'),
    groups: late('groups'),
    identities: late('identities'),
    apiTokens: late('apiTokens'),
    keySets: late('keySets'),
  }

  function late<P extends keyof Ports>(port: P): Ports[P] {
    const names = Object.keys(methods[port])
    return Object.fromEntries(
      names.map((name) => [name, (...values: unknown[]) => call(port, name, values)]),
    ) as unknown as Ports[P]
  }

  async function call(port: keyof Ports, name: string, values: readonly unknown[]): Promise<unknown> {
    const ports = opened()
    if (!ports) throw new AuthError('store_failed', { hint: 'the database is not open' })
    try {
      const methods = ports[port] as unknown as Readonly<
        Record<string, (...values: readonly unknown[]) => Promise<unknown>>
      >
      return await methods[name]?.(...values)
    } catch (error) {
      throw storeError(error)
    }
  }
}

/** An error as it leaves the store. The cause is for operators; SQLite's messages name columns, never values. */
export const storeError = (error: unknown): AuthError =>
  error instanceof AuthError ? error : new AuthError('store_failed', { cause: error })
