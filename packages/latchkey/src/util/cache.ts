/** A bounded cache of two generations: what was not used during one generation is dropped with it, at no cost per entry. */

export interface Cache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  clear(): void
  /** Entries held now, never above the capacity. */
  readonly size: number
}

/** Holds at most `capacity` entries (two are the least) and always the `capacity / 2` used most recently. */
export function createCache<K, V>(capacity: number): Cache<K, V> {
  const half = Math.max(1, Math.floor(capacity / 2))
  let young = new Map<K, V>()
  let old = new Map<K, V>()

  return {
    get(key) {
      const fresh = young.get(key)
      if (fresh !== undefined) return fresh
      const aged = old.get(key)
      if (aged !== undefined) put(key, aged)
      return aged
    },
    set: put,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    clear() {
      young = new Map()
      old = new Map()
    },
    get size() {
      return young.size + old.size
    },
  }

  function put(key: K, value: V): void {
    old.delete(key)
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
}
