/** `latchkey restore`: after a backup came back. What was revoked since is forgotten, so everything from before now ends. */
import { date } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'

export async function restore(task: Task): Promise<Answer> {
  const { keys, effectiveBy } = await withAuth(task, async (auth) => {
    await auth.ready()
    const kids = (await auth.keys.list()).flatMap(({ kid }) => kid ?? [])
    // The backup may hold a key that was stolen and revoked since; who has it writes any stamp, so that only the end of the key helps.
    for (const key of kids) await auth.revoke({ key })
    await auth.apiTokens.revokeAll()
    const revoked = await auth.revoke({ everyone: true })
    return { keys: kids, ...revoked }
  })
  return {
    value: { revoked: { keys, everyone: true, apiTokens: true }, effectiveBy },
    text: `Every session of everybody has ended, with every key of the backup and every API token: everywhere by ${date(effectiveBy)}. Everybody logs in again; API tokens are made anew.\n`,
  }
}
