/** Stores that remember what was called of them besides reading: whoever promises to change nothing is held to it. */
import { memoryStores } from '../../src/stores/memory.js'
import type { Stores } from '../../src/stores/port.js'

/** Members of the stores that only read. Whatever else is called has changed something, or may have. */
const READS = new Set(['find', 'list', 'since', 'load', 'stamp', 'findById', 'findByLogin', 'byUsername'])

export function watchedStores(clock: () => number) {
  const writes: string[] = []
  return { writes, stores: watch<Stores>(memoryStores({ clock }), '') }

  function watch<T extends object>(part: T, path: string): T {
    return new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'object' && member !== null) return watch(member, `${path}${String(name)}.`)
        if (typeof member !== 'function') return member
        return (...given: unknown[]) => {
          if (!READS.has(String(name))) writes.push(`${path}${String(name)}`)
          return member.apply(target, given)
        }
      },
    })
  }
}
