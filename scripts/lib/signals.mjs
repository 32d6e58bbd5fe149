/** The signals of a program that runs under npm: a Ctrl-C comes twice, and a SIGTERM stops at the shell in between. */

const oneMoment = 1_000

export function hearSignalsThroughNpm() {
  takeTwoAsOne()
  if (process.env.npm_lifecycle_event !== undefined) endWithTheShell()
}

/** The terminal and npm both say SIGINT. What comes again at once is the same; a later one ends the process, whatever it does. */
function takeTwoAsOne() {
  let first
  process.on('SIGINT', () => {
    first ??= performance.now()
    if (performance.now() - first > oneMoment) process.exit(130)
  })
}

/** npm sends SIGTERM to the shell that it started us with, and the shell dies without a word to us. */
function endWithTheShell() {
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  watch.unref()
}
