/** Stores that break one promise each, and only when several meet: the judge has to see all of them. */
import type { Stores } from '../../../src/stores/port.js'
import type { Rule } from './judge.js'

interface Variant {
  /** What the judge has to say, at least. */
  readonly rule: Rule
  readonly broken: (stores: Stores) => Stores
}

/** Long enough for the others to come in between. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 4))

/** What is written when there is time: the others go on meanwhile. */
const later = (work: () => Promise<unknown>): void =>
  void setTimeout(() => void work().catch(() => {}), 20 + Math.random() * 60)

/** Every look at the store takes a moment, as it does over a wire. */
export function slowly(stores: Stores): Stores {
  const wire = <P extends object>(port: P): P =>
    Object.fromEntries(
      Object.entries(port).map(([name, run]) => [
        name,
        async (...given: unknown[]) => {
          await breath()
          return run(...given)
        },
      ]),
    ) as P
  const { users, sessions, revocations } = stores
  return { ...stores, users: wire(users), sessions: wire(sessions), revocations: wire(revocations) }
}

export const variants: Readonly<Record<string, Variant>> = {
  'a session whose stamp was read after the credentials were looked at': {
    rule: 'refreshed after its end',
    broken: (stores) => ({
      ...stores,
      sessions: {
        ...stores.sessions,
        async create(session, limit) {
          // As long as a password takes to be hashed, where it is hashed in earnest.
          await new Promise((resolve) => setTimeout(resolve, 40))
          return stores.sessions.create({ ...session, stamp: await stores.revocations.stamp() }, limit)
        },
      },
    }),
  },

  'an epoch that is raised after the acknowledgement': {
    rule: 'refreshed after its end',
    broken: (stores) => ({
      ...stores,
      revocations: {
        ...stores.revocations,
        async append(what, because, spare) {
          const stamp = (await stores.revocations.stamp()) + what.length
          later(() => stores.revocations.append(what, because, spare))
          return { stamp, at: 0 }
        },
      },
    }),
  },

  'a forgotten permission epoch': {
    rule: 'permission unseen',
    broken: (stores) => ({
      ...stores,
      revocations: {
        ...stores.revocations,
        append: async (what, because, spare) =>
          what.some(({ scope }) => scope === 'permissions')
            ? { stamp: await stores.revocations.stamp(), at: 0 }
            : stores.revocations.append(what, because, spare),
      },
    }),
  },

  'a change of the user that is written after the acknowledgement': {
    rule: 'let in',
    broken: (stores) => ({
      ...stores,
      users: {
        ...stores.users,
        async change(id, patch, expect) {
          later(() => stores.users.change(id, patch, expect))
          return true
        },
      },
    }),
  },

  'a log that loses one entry in nine': {
    rule: 'old token alive',
    broken: (stores) => ({
      ...stores,
      revocations: {
        ...stores.revocations,
        async since(after, limit) {
          const read = await stores.revocations.since(after, limit)
          return { ...read, epochs: read.epochs.filter(({ stamp }) => stamp % 9 !== 0) }
        },
      },
    }),
  },

  'sessions that forget the end of their user': {
    rule: 'refreshed after its end',
    broken: (stores) => ({
      ...stores,
      revocations: {
        ...stores.revocations,
        append: (what, because, spare) =>
          stores.revocations.append(
            what.map((epoch) => (epoch.scope === 'user' ? { ...epoch, row: 'another' } : epoch)),
            because,
            spare,
          ),
      },
    }),
  },

  'a session that is called dead for no reason': {
    rule: 'lost',
    broken: (stores) => ({
      ...stores,
      sessions: {
        ...stores.sessions,
        async find(id) {
          const found = await stores.sessions.find(id)
          return found && { ...found, dead: found.dead || Math.random() < 0.01 }
        },
      },
    }),
  },
}

/** Somebody who holds what another waits for, and never lets go. */
export const stuck = (stores: Stores): Stores => ({
  ...stores,
  sessions: {
    ...stores.sessions,
    create: (session, limit) => (Math.random() < 0.2 ? new Promise(() => {}) : stores.sessions.create(session, limit)),
  },
})
