/** `latchkey keys`: what the ring holds, and who signs next. */
import { date, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'

export async function listKeys(task: Task): Promise<Answer> {
  const keys = await withAuth(task, async (auth) => {
    await auth.ready()
    return auth.keys.list()
  })
  const rows = keys.map((key) => [
    key.kid ?? '',
    key.alg,
    key.state,
    date(key.signFrom),
    date(key.signUntil),
    date(key.verifyUntil),
  ])
  return { value: { keys }, text: table(['KEY', 'ALGORITHM', 'STATE', 'SIGNS FROM', 'UNTIL', 'VERIFIES UNTIL'], rows) }
}

export async function rotateKeys(task: Task<{ readonly emergency?: boolean }>): Promise<Answer> {
  const emergency = task.options.emergency === true
  const { kid, keys } = await withAuth(task, async (auth) => {
    await auth.ready()
    const key = await auth.keys.rotate({ emergency })
    return { kid: key.kid, keys: await auth.keys.list() }
  })
  const from = date(keys.find((key) => key.kid === kid)?.signFrom)
  const text = emergency
    ? `${kid} signs now. What the replaced key signed is dead; clients refresh.\n`
    : `${kid} signs from ${from}; until then everybody can learn of it. Nobody notices.\n`
  return { value: { kid, keys }, text }
}
