/** Single flight: concurrent calls for one key share one run, and its result. */

/** Starts `run` unless a run for the same key is under way, and answers what that run answers. Nothing is kept afterwards. */
export type Once<K, V> = (key: K, run: () => Promise<V>) => Promise<V>

export function once<K, V>(): Once<K, V> {
  const flights = new Map<K, Promise<V>>()
  return (key, run) => {
    const flying = flights.get(key)
    if (flying !== undefined) return flying
    // An async function, so that a `run` that throws before its first await rejects like any other.
    const flight = (async () => run())()
    const land = () => void flights.delete(key)
    flights.set(key, flight)
    flight.then(land, land)
    return flight
  }
}
