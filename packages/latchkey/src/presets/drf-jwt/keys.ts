/** The keys of drf-jwt: one, a list, or several by name, for each of its algorithms; the first signs, and all of them verify. */
import { createPublicKey } from 'node:crypto'
import type { Algorithm } from '../../jwt/algorithms.js'
import { importKey, type Key } from '../../jwt/key.js'
import type { User } from '../../stores/port.js'
import { flag, invalid, text } from '../../util/checks.js'
import type { DrfJwtKeys, DrfJwtSettings, ReadSettings } from './settings.js'

type Given = Pick<DrfJwtSettings<User>, 'JWT_SECRET_KEY' | 'JWT_PRIVATE_KEY' | 'JWT_PUBLIC_KEY' | 'JWT_INSIST_ON_KID'>

/** A key as it is written down, with its name where it has one. */
interface Written {
  readonly kid: string | undefined
  readonly key: string
}

const isSecret = (alg: Algorithm): boolean => alg.startsWith('HS')

/** Throws `options_invalid`, naming the setting, for keys that are none, are weak, or fit no algorithm. */
export function readKeys(
  given: Given,
  algorithms: readonly [Algorithm, ...Algorithm[]],
): Pick<ReadSettings, 'algorithm' | 'key' | 'keys' | 'namesKey'> {
  const [algorithm] = algorithms
  const name = isSecret(algorithm) ? 'JWT_SECRET_KEY' : 'JWT_PRIVATE_KEY'
  const [first, ...others] = written(name, given[name])
  if (first === undefined) throw invalid(name, 'must be text, and not empty')
  const publics = written('JWT_PUBLIC_KEY', given.JWT_PUBLIC_KEY)
  const named = flag('JWT_INSIST_ON_KID', given.JWT_INSIST_ON_KID)
  if (named && first.kid === undefined) throw invalid('JWT_INSIST_ON_KID', `needs names: ${name} as { kid: key }`)
  requireNone(given, algorithms)
  if (!isSecret(algorithm)) requirePair(first, publics)
  return {
    algorithm,
    key: first.key,
    keys: { kid: first.kid, others: beside(), named },
    namesKey: first.kid !== undefined,
  }

  function beside(): readonly Key[] {
    const secrets = written('JWT_SECRET_KEY', given.JWT_SECRET_KEY)
    const halves = isSecret(algorithm) ? [] : [first as Written, ...others].map(publicHalf)
    const pems = distinct([...halves, ...publics])
    const used = new Set<Written>()
    const keys = algorithms.flatMap((alg) => {
      const all = isSecret(alg) ? secrets : pems
      if (alg === algorithm && all[0]) used.add(all[0])
      return imported(alg === algorithm ? all.slice(1) : all, alg, used)
    })
    for (const one of isSecret(algorithm) ? secrets : pems)
      if (!used.has(one)) throw invalid(name, `has a key that fits none of ${algorithms.join(', ')}`)
    return keys
  }
}

function written(name: string, given: DrfJwtKeys | null | undefined): readonly Written[] {
  if (given === undefined || given === null) return []
  if (typeof given === 'string') return [{ kid: undefined, key: text(name, given) }]
  if (typeof given !== 'object') throw invalid(name, 'must be text, a list of texts, or texts by their kid')
  if (Array.isArray(given)) return given.map((key) => ({ kid: undefined, key: text(name, key) }))
  const kids = Object.keys(given)
  // The first signs, and a language that sorts such names would make it another one than was written first.
  if (kids.length > 1 && kids.some((kid) => /^\d+$/.test(kid)))
    throw invalid(name, 'has a kid that is a number, which JavaScript puts before the others: the first key signs')
  return Object.entries(given).map(([kid, key]) => ({ kid, key: text(`${name}.${kid}`, key) }))
}

const publicHalf = ({ kid, key }: Written): Written => ({
  kid,
  key: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
})

/** The same key under the same name once; the first is that of the key that signs. */
function distinct(keys: readonly Written[]): readonly Written[] {
  const seen = new Map<string, Written>()
  for (const { kid, key } of keys) {
    const pem = publicHalf({ kid, key }).key
    if (!seen.has(pem)) seen.set(pem, { kid, key: pem })
  }
  return [...seen.values()]
}

/** A key verifies under every algorithm of the list that it fits; `used` learns of those that fit one. */
function imported(keys: readonly Written[], alg: Algorithm, used: Set<Written>): readonly Key[] {
  return keys.flatMap((one) => {
    const input = isSecret(alg) ? { secret: one.key } : { pem: one.key }
    try {
      const key = importKey(input, alg, { sign: false, ...(one.kid !== undefined && { kid: one.kid }) })
      used.add(one)
      return [key]
    } catch {
      return []
    }
  })
}

/** A key for algorithms that are not listed would be there for nothing, and nobody would notice. */
function requireNone(given: Given, algorithms: readonly Algorithm[]): void {
  if (algorithms.every(isSecret)) {
    for (const name of ['JWT_PRIVATE_KEY', 'JWT_PUBLIC_KEY'] as const)
      if (given[name]) throw invalid(name, `means nothing with ${algorithms.join(', ')}`)
  }
}

/** The public key of the one that signs follows from it; one that is given for it must be that one. */
function requirePair(signing: Written, publics: readonly Written[]): void {
  let half: string
  try {
    half = publicHalf(signing).key
  } catch {
    throw invalid('JWT_PRIVATE_KEY', 'must be a private key in PEM')
  }
  const alone = publics.length === 1 && publics[0]?.kid === undefined ? publics[0] : undefined
  const partner = signing.kid === undefined ? alone : publics.find(({ kid }) => kid === signing.kid)
  try {
    if (!partner || publicHalf(partner).key === half) return
  } catch {}
  throw invalid('JWT_PUBLIC_KEY', 'must be the public half of JWT_PRIVATE_KEY')
}
