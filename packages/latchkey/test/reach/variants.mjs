/** Servers with one mistake each: revocations do not reach them as they should, and the judge has to see it. */

/** A head of the log above every stamp: whoever is told it believes to know all. */
const ABOVE_ALL = 9e15

/** By name: the stores as they are given, the stores to run with, and options of `revocation` that replace the good ones. */
export const variants = {
  none: { stores: (stores) => stores },

  /** A timer says that the log was read, so it counts as read. */
  'counts-as-read': {
    stores: (stores) => {
      let known
      const since = async (...given) => {
        const first = known === undefined
        known ??= await stores.revocations.since(...given)
        return first ? known : { ...known, epochs: [], head: ABOVE_ALL }
      }
      return { ...stores, revocations: { ...stores.revocations, since } }
    },
  },

  /** What is pushed gets lost, always. */
  unheard: { stores: (stores) => ({ ...stores, wake: undefined }) },

  /** A timer reads once a second, so nobody looks how long ago that was. */
  'trusts-its-timer': { stores: (stores) => stores, revocation: { whenStale: 'allow' } },
}
