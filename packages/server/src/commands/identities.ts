/** `latchkey users link` and `unlink`: who a user is at another issuer, said by an operator and by nobody else. */
import { usage } from '../cli/failure.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { ServerAuth } from '../config/open.js'
import { found } from './users.js'

interface LinkOptions {
  /** The id of the issuer's row: `--issuer`, which means the server's own everywhere else. */
  readonly row?: string
  readonly subject: string
}

export const linkUser = (task: Task<LinkOptions>): Promise<Answer> => change(task, 'link')

export const unlinkUser = (task: Task<LinkOptions>): Promise<Answer> => change(task, 'unlink')

async function change({ args, options, config, io }: Task<LinkOptions>, what: 'link' | 'unlink'): Promise<Answer> {
  const { row, subject } = options
  const rows = (config().said.issuers ?? []).map(({ id, issuer }) => id ?? issuer)
  // A row that was taken out of the configuration still has identities, and those can be unlinked.
  if (row === undefined || (what === 'link' && !rows.includes(row)))
    throw usage('--issuer must name an issuer of the configuration.', `its id: ${rows.join(', ') || 'there is none'}`)
  return withAuth({ config, io }, async (auth) => {
    const account = await found(auth, args[0] as string)
    await (auth.identities as NonNullable<ServerAuth['identities']>)[what](account.id, { issuer: row, subject })
    const text = what === 'link' ? `is ${subject} of ${row} now` : `is no longer ${subject} of ${row}`
    return {
      value: { id: account.id, username: account.username, issuer: row, subject, linked: what === 'link' },
      text: `${account.username} ${text}.\n`,
    }
  })
}
