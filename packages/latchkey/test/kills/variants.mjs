/** Stores with one mistake each, of the kind that passes every other test: the judge has to see all of them. */
import { pause } from './world.mjs'

/** How long the gap of a variant is open: mostly a moment, now and then long enough for the others to go on. */
const gapMilliseconds = () => (Math.random() < 0.75 ? Math.random() * 5 : 50 + Math.random() * 250)

/** By name: the stores as they are given, and how to write past their port; the stores to run with. */
export const variants = {
  none: (stores) => stores,

  /** Whoever read the old generation writes the next one, whatever stands there by then. */
  'read-then-write': (stores, { run }) =>
    withRotate(stores, async (id, generation, secretId) => {
      if (!(await stands(stores, id, generation))) return false
      await gap()
      await run(WRITE, [generation + 1, secretId, now(), now(), id])
      return true
    }),

  /** The answer leaves before the commit. */
  'answer-then-write': (stores) =>
    withRotate(stores, async (id, generation, secretId) => {
      if (!(await stands(stores, id, generation))) return false
      later(() => stores.sessions.rotate(id, generation, secretId))
      return true
    }),

  /** The old one is taken away in one commit, and the new one put there in the next. */
  'two-step': (stores, { run }) =>
    withRotate(stores, async (id, generation, secretId) => {
      if (
        !(await run('update latchkey_sessions set generation = -1 where id = ? and generation = ?', [id, generation]))
      )
        return false
      await gap()
      await run(WRITE, [generation + 1, secretId, now(), now(), id])
      return true
    }),

  /** Logout, reuse and password change are answered, and written when there is time. */
  'late-ending': (stores) => ({
    ...stores,
    revocations: {
      ...stores.revocations,
      append: async (what, because, spare) => {
        const stamp = Math.max((await stores.revocations.stamp()) + what.length, now() * 1000 + 1)
        later(() => stores.revocations.append(what, because, spare))
        return { stamp, at: now() }
      },
    },
  }),
}

/** The same for stores that go by a clock which somebody sets: a killed server does not notice. */
export const clockVariants = {
  /** The stamp of a login is the time, not the place in the log. */
  'by-the-clock': (stores, _directly, clock) => ({
    ...stores,
    revocations: { ...stores.revocations, stamp: async () => clock() * 1000 },
  }),
}

const WRITE =
  'update latchkey_sessions set generation = ?, secret_id = ?, rotated_at = ?, last_seen_at = ? where id = ?'

const now = () => Math.floor(Date.now() / 1000)
const gap = () => pause(gapMilliseconds())
const later = (work) => void setTimeout(() => work().catch(() => {}), gapMilliseconds())
const withRotate = (stores, rotate) => ({ ...stores, sessions: { ...stores.sessions, rotate } })

async function stands({ sessions }, id, generation) {
  const found = await sessions.find(id)
  return found?.session.generation === generation && !found.dead && found.session.endedAt === null
}
