/** A process that is timed in fractions of a millisecond keeps to one core, and goes before its neighbours, where the system lets it. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Without this a flood measures the scheduler: light work is packed on one core, and a thread of the kernel that happens to be there keeps it
 * for milliseconds, whatever the priority of a usual process (seen with `perf sched`: 16 of 18 waits of a server that cost more than 0.3 ms).
 * `first`: of those that the real-time class runs before all others. Needs Linux with util-linux, and for that class root.
 */
export function undisturb(pid, core, first) {
  const [only, process] = [String(core % availableParallelism()), String(pid)]
  return (
    run('taskset', '--cpu-list', '--pid', only, process) &&
    (!first || run('chrt', '--reset-on-fork', '--rr', '--pid', '10', process))
  )
}

const run = (command, ...given) => spawnSync(command, given, { stdio: 'ignore' }).status === 0
