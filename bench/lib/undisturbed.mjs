/** A process that is timed in fractions of a millisecond keeps to one core, and goes before its neighbours, where the system lets it. */
import { spawnSync } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'

/**
 * Without this a flood measures the scheduler, which packs light work on one core: with three processes on two cores, whoever is woken
 * waits for another's turn to end, and does so oftener the less there is to do. Needs Linux with util-linux, and to go first, root.
 */
export function undisturb(pid, core) {
  const only = String(core % availableParallelism())
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', only, String(pid)], {
    stdio: 'ignore',
  })
  return status === 0 && goesFirst(pid)
}

function goesFirst(pid) {
  try {
    setPriority(pid, -20)
    return true
  } catch {
    return false
  }
}
