/** Keyrings that make one mistake each, for the judges to find: made by handing a ring with other dates to the process. */
import { seal, serverSecrets, unseal } from '../../../dist/esm/keys/seal.js'

const aad = (version) => JSON.stringify(['ring', 'self', version])

/** By name: the stores as they are given. */
export const variants = {
  none: (stores) => stores,

  /** The next key signs as soon as it is there: caches of the key set do not have it yet. */
  hasty: redated((ring, now) => {
    const next = ring.at(-1)
    return ring.map((one) => {
      if (one === next) return { ...one, signFrom: Math.min(one.signFrom, now) }
      return { ...one, signUntil: Math.min(one.signUntil, now) }
    })
  }),

  /** A key is gone when it has signed for the last time, and so is what it signed a moment ago. */
  forgetful: redated((ring, now) => ring.filter(({ signUntil }) => now < signUntil)),

  /** Looks once, and never again. */
  deaf: (stores) => {
    let ring
    let log
    const load = async () => (ring ??= await stores.keys.load())
    const since = async () => {
      log ??= await stores.revocations.since(0, 1000)
      return { ...log, epochs: [] }
    }
    return { ...stores, keys: { ...stores.keys, load }, revocations: { ...stores.revocations, since } }
  },

  /** Uses a new server secret before the others have it. */
  impatient: (stores) => {
    const announce = async (ids) => {
      await stores.keys.announce(ids)
      return new Map(ids.map((id) => [id, 0]))
    }
    return { ...stores, keys: { ...stores.keys, announce } }
  },
}

/** Writes the end of a key and the ring without it one after the other. */
export const twoStep = ({ keys, revocations }) => ({
  ...keys,
  save: async (version, sealed, revoke) => {
    if (revoke.length > 0) await revocations.append(revoke, 'revoked')
    return keys.save(version, sealed, [])
  },
})

function redated(change) {
  return (stores, { secret, clock }) => {
    const secrets = serverSecrets([secret].flat(), clock)
    const load = async () => {
      const found = await stores.keys.load()
      const text = found && unseal(found.sealed, secrets, aad(found.version))
      if (!text) return found
      const keys = change(JSON.parse(text).keys, clock())
      return { ...found, sealed: seal(JSON.stringify({ keys }), secrets.all[0], aad(found.version)) }
    }
    return { ...stores, keys: { ...stores.keys, load } }
  }
}
