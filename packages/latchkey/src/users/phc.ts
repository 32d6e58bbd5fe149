/** Stored argon2 hashes as text: their parameters, read and bounded before any work is done for them. */

export interface HashParameters {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** What new passwords are hashed with (OWASP's first choice): 19 MiB, two passes, one lane. */
export const ours: HashParameters = { memory: 19_456, passes: 2, lanes: 1 }

// 128 MiB, and about a second on one core: enough for the hashes of Django, PHP, Python and Rust, and never 54 seconds.
const most = { memory: 131_072, passes: 16, lanes: 16, work: 524_288 }

const shape = /^\$argon2(id|i|d)\$v=(16|19)\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$[\w+/]{11,86}\$[\w+/]{22,86}$/

/** An argon2 hash as everybody writes it: Django puts the word argon2 before. */
export const standardForm = (stored: string): string =>
  stored.startsWith('argon2$argon2') ? stored.slice('argon2'.length) : stored

/** The parameters of a stored hash; `undefined` if it is no argon2 hash or demands more than is safe to run. */
export function readHash(stored: string): (HashParameters & { readonly outdated: boolean }) | undefined {
  const [, variant, version, m, t, p] = shape.exec(stored) ?? []
  const memory = Number(m)
  const passes = Number(t)
  const lanes = Number(p)
  if (!(memory <= most.memory && passes >= 1 && passes <= most.passes && lanes >= 1 && lanes <= most.lanes)) {
    return undefined
  }
  if (memory < 8 * lanes || memory * passes > most.work) return undefined
  const same = memory === ours.memory && passes === ours.passes && lanes === ours.lanes
  return { memory, passes, lanes, outdated: !(same && variant === 'id' && version === '19') }
}
