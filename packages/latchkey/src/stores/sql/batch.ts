/** Calls run as one: those that come in the same turn of the event loop, or while as many groups are under way as may be. */

/** What became of each call, in order; an error is thrown to its caller alone. */
export type Outcomes<R> = readonly (R | Error)[]

interface Call<T, R> {
  readonly item: T
  resolve(result: R): void
  reject(error: unknown): void
}

/** Runs at most `most` calls as one group, and `atOnce` groups at a time. When `run` throws, its whole group has failed. */
export function batch<T, R>(
  run: (items: readonly T[]) => Promise<Outcomes<R>>,
  most: number,
  atOnce = 1,
): (item: T) => Promise<R> {
  let waiting: Call<T, R>[] = []
  let gathering = false
  let running = 0

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      wake()
    })

  // After the poll phase, when every socket that had something to say has said it.
  function wake(): void {
    if (gathering || running >= atOnce || waiting.length === 0) return
    gathering = true
    setImmediate(() => void flush())
  }

  async function flush(): Promise<void> {
    const group = waiting.slice(0, most)
    waiting = waiting.slice(most)
    gathering = false
    running++
    wake()
    try {
      const outcomes = await run(group.map(({ item }) => item))
      group.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index] as R | Error
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      })
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
    running--
    wake()
  }
}
