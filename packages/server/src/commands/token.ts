/** `latchkey token`: issue one for a user or by a key of one's own, verify one. */
import { usage } from '../cli/failure.js'
import { readLine } from '../cli/password.js'
import { date } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import { type SignOptions, signToken } from './sign-token.js'
import { found } from './users.js'

interface ForUser {
  readonly user: string
  readonly scope?: string
}

export async function issueToken({ options, ...task }: Task<Partial<ForUser & SignOptions>>): Promise<Answer> {
  const { user, key } = options
  if (key !== undefined && user !== undefined) throw usage('--user and --key exclude each other.')
  if (key !== undefined) return signToken({ ...task, options: { ...options, key } })
  if (user === undefined) throw usage('Whose token?', '--user <username>, or --key <file> with any claims')
  return issueForUser({ ...task, options: { ...options, user } })
}

async function issueForUser(task: Task<ForUser>): Promise<Answer> {
  const { user, scope } = task.options
  const { access, accessExpiresAt, refresh, refreshExpiresAt, sessionId } = await withAuth(task, async (auth) =>
    auth.tokens.issue(await found(auth, user), { scope, device: 'latchkey token issue' }),
  )
  const value = {
    accessToken: access,
    accessExpiresAt,
    refreshToken: refresh ?? null,
    refreshExpiresAt,
    sessionId,
    scope: scope ?? null,
  }
  // The token alone on stdout, so that a shell can keep it.
  task.io.err(task.json ? '' : `expires ${date(accessExpiresAt)}, session ${sessionId}\n`)
  return { value, text: `${access}\n` }
}

export async function verifyToken(task: Task): Promise<Answer> {
  const token = await readToken(task)
  const verified = await withAuth(task, async (auth) => auth.tokens.verify(token))
  return {
    value: { active: true, claims: verified.claims },
    text: `Good until ${date(verified.expiresAt)}.\n${JSON.stringify(verified.claims, null, 2)}\n`,
  }
}

/** The token of the arguments, or of stdin: there no other process reads it. */
export async function readToken({ args, io }: Pick<Task, 'args' | 'io'>): Promise<string> {
  const [given] = args
  if (given !== undefined && given !== '-') return given
  if (given === undefined && io.isTerminal) throw usage('There is no token.', 'give it as the argument, or pipe it in')
  return readLine(io.stdin)
}
