/** One at a time, in the order of asking. */

export interface Turns {
  /** Answers when everybody who asked before has left; call what it answers to leave. */
  take(): Promise<() => void>
}

export function turns(): Turns {
  let last: Promise<void> = Promise.resolve()
  return {
    async take() {
      const before = last
      let leave = (): void => {}
      last = new Promise((resolve) => {
        leave = resolve
      })
      await before
      return leave
    },
  }
}
