/** `latchkey sessions`: who is signed in where, and how that ends. */
import type { Session } from 'latchkey'
import { usage } from '../cli/failure.js'
import { date, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import { found } from './users.js'

export async function listSessions(task: Task): Promise<Answer> {
  const sessions = await withAuth(task, async (auth) => {
    const { id } = await found(auth, task.args[0] as string)
    return auth.sessions.list(id)
  })
  const rows = sessions.map((session) => [
    session.id,
    date(session.createdAt),
    date(session.lastSeenAt - (session.lastSeenAt % 300)),
    date(session.expiresAt),
    session.address ?? '',
    (session.device ?? '').slice(0, 40),
  ])
  const text = table(['SESSION', 'SINCE', 'LAST SEEN', 'ENDS', 'ADDRESS', 'DEVICE'], rows)
  return { value: { sessions: sessions.map(view) }, text }
}

export async function revokeSessions(task: Task<{ readonly user?: string }>): Promise<Answer> {
  const [session] = task.args
  const { user } = task.options
  if ((session === undefined) === (user === undefined))
    throw usage('Name a session, or a user whose sessions all end.', 'sessions revoke <session>, or --user <username>')
  await withAuth(task, async (auth) => {
    if (session !== undefined) await auth.revoke({ session })
    else await auth.revoke({ user: (await found(auth, user as string)).id })
  })
  const what = session === undefined ? { user } : { session }
  return {
    value: { revoked: what },
    text: `${session === undefined ? `Every session of ${user}` : 'The session'} has ended, and the access tokens with it.\n`,
  }
}

/** Neither seed nor generation: who reads a listing must not be able to time or forge a refresh. */
const view = ({ id, userId, createdAt, lastSeenAt, expiresAt, device, address, scope }: Session): object => ({
  id,
  userId,
  createdAt,
  lastSeenAt: lastSeenAt - (lastSeenAt % 300),
  expiresAt,
  device,
  address,
  scope,
})
