/** A process that is timed in fractions of a millisecond keeps to one core, and goes before its neighbours, where the system lets it. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Asked before anybody is bound: Node counts the cores that this process may use. */
const cores = availableParallelism()

/**
 * Without this a flood measures the scheduler: light work is packed on one core, and a thread of the kernel that happens to be there keeps it
 * for milliseconds, whatever the priority of a usual process (seen with `perf sched`: 14 of the 18 times that a server waited for over 0.3 ms).
 * The main thread alone keeps to its core: its helpers, bound to the same one, would make it wait for them. `first`: of those that the
 * real-time class runs before all others. Needs Linux with util-linux, and for that class root.
 */
export function undisturb(pid, core, first) {
  const [only, id] = [String(core % cores), String(pid)]
  return (
    run('taskset', '--cpu-list', '--pid', only, id) &&
    (!first || run('chrt', '--reset-on-fork', '--rr', '--pid', '10', id))
  )
}

/** It may run on every core again, and so may the processes that it starts from now on: they keep to the cores of whoever starts them. */
export const release = (pid) => run('taskset', '--cpu-list', '--pid', `0-${cores - 1}`, String(pid))

const run = (command, ...given) => spawnSync(command, given, { stdio: 'ignore' }).status === 0
