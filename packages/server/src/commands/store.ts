/** `latchkey migrate` and `latchkey prune`: the work on the store that takes its time. */
import { progress } from '../cli/progress.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'

export async function migrate(task: Task): Promise<Answer> {
  const told = await progress(task.io, task.json, 'Migrating')
  await withAuth(task, (auth) => auth.ready())
  told.done('Migrated')
  return { value: { migrated: true }, text: 'The store is up to date.\n' }
}

export async function prune(task: Task): Promise<Answer> {
  const told = await progress(task.io, task.json, 'Pruning')
  const pruned = await withAuth(task, (auth) =>
    auth.prune((done) => told.update(`Pruning: ${done.toLocaleString('en')} rows`)),
  )
  told.done('Pruned')
  return {
    value: pruned,
    text: `Deleted ${pruned.sessions} ended sessions, ${pruned.apiTokens} API tokens and ${pruned.epochs} revocations that nothing needs any more.\n`,
  }
}
