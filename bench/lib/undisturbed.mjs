/** A process that is timed in fractions of a millisecond keeps to one core, and goes before its neighbours, where the system lets it. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Without this a flood measures the scheduler: light work is packed on one core, and a thread of the kernel that happens to be there keeps it
 * for milliseconds, whatever the priority of a usual process (seen with `perf sched`: 14 of the 18 times that a server waited for over 0.3 ms).
 * The main thread alone keeps to its core: its helpers, bound to the same one, would make it wait for them. `first`: of those that the
 * real-time class runs before all others. Needs Linux with util-linux, and for that class root.
 */
export function undisturb(pid, core, first) {
  const [only, id] = [String(core % availableParallelism()), String(pid)]
  return (
    run('taskset', '--cpu-list', '--pid', only, id) &&
    (!first || run('chrt', '--reset-on-fork', '--rr', '--pid', '10', id))
  )
}

const run = (command, ...given) => spawnSync(command, given, { stdio: 'ignore' }).status === 0
