/** Makes one Ctrl-C out of the two signals that a program under npm gets: one from the terminal, one that npm passes on. */

const oneMoment = 1_000

/** A signal that comes again at once is the same signal; a later one ends the process, whatever it is doing. */
export function hearCtrlCOnce() {
  let first
  process.on('SIGINT', () => {
    first ??= performance.now()
    if (performance.now() - first > oneMoment) process.exit(130)
  })
}
