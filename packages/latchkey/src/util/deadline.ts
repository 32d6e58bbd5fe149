/** A limit to waiting. */

/** What `answer` becomes, or `late()` thrown after so many seconds; the work itself goes on. No reason for the process to stay alive. */
export function inTime<T>(answer: Promise<T>, seconds: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), seconds * 1000)
    timer.unref()
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
