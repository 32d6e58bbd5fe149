/** `latchkey revoke`: ends one thing, or everybody's sessions, and tells by when that is so everywhere. */
import type { Revocable } from 'latchkey'
import { usage } from '../cli/failure.js'
import { date } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { ServerAuth } from '../config/open.js'
import { found } from './users.js'

interface Way {
  /** What `auth.revoke` is asked, from the value of the option. */
  readonly what: (value: string, auth: ServerAuth) => Revocable | Promise<Revocable>
  readonly said: (value: string) => string
}

const ways: Readonly<Record<string, Way>> = {
  session: { what: (session) => ({ session }), said: () => 'The session has ended, and the access tokens with it' },
  user: {
    what: async (username, auth) => ({ user: (await found(auth, username)).id }),
    said: (username) => `Every session of ${username} has ended, and the access tokens with it`,
  },
  jti: { what: (jti) => ({ jti }), said: () => 'The access token has ended; its session goes on' },
  key: { what: (key) => ({ key }), said: (kid) => `${kid} has ended, and every access token that it signed` },
  everyone: {
    what: () => ({ everyone: true }),
    said: () => 'Every session of everybody has ended, and the access tokens with it',
  },
}

export async function revoke(task: Task): Promise<Answer> {
  const { options } = task
  const [name, ...others] = Object.keys(ways).filter((one) => options[one] !== undefined)
  const way = ways[name ?? '']
  if (name === undefined || way === undefined || others.length > 0)
    throw usage(
      'Say what to end, exactly one thing.',
      '--session <id>, --user <username>, --jti <jti>, --key <kid> or --everyone',
    )
  const value = String(options[name])
  const { effectiveBy } = await withAuth(task, async (auth) => auth.revoke(await way.what(value, auth)))
  return {
    value: { revoked: { [name]: options[name] }, effectiveBy },
    text: `${way.said(value)}: everywhere by ${date(effectiveBy)}.\n`,
  }
}
