/** `latchkey tokens`: secrets for scripts and services, shown once. */
import type { ApiTokenInfo } from 'latchkey'
import { date, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { ServerAuth } from '../config/open.js'
import { found } from './users.js'

interface CreateOptions {
  readonly name: string
  readonly permission?: readonly string[]
  readonly expires?: string
}

export async function createToken(task: Task<CreateOptions>): Promise<Answer> {
  const { name, permission, expires } = task.options
  const made = await withAuth(task, async (auth) => {
    const { id } = await found(auth, task.args[0] as string)
    const expiresIn = expires === 'never' ? null : expires
    return auth.apiTokens.create(id, { name, permissions: permission, expiresIn })
  })
  // The token alone on stdout, so that a shell can keep it.
  const facts = `id ${made.id}, ${endOf(made)}. It cannot be shown again.\n`
  task.io.err(task.json ? '' : facts)
  return { value: made, text: `${made.token}\n` }
}

export async function listTokens(task: Task): Promise<Answer> {
  const [username] = task.args
  const { tokens, names } = await withAuth(task, async (auth) => {
    const owner = username === undefined ? undefined : await found(auth, username)
    const all = await allOf(auth, owner?.id)
    return { tokens: all, names: await namesOf(auth, all) }
  })
  const rows = tokens.map((token) => [
    token.id,
    names.get(token.userId) ?? token.userId,
    token.name,
    token.permissions?.join(' ') ?? 'all',
    stateOf(token, task.io.clock()),
    date(token.createdAt),
    token.expiresAt === null ? 'never' : date(token.expiresAt),
    date(token.lastUsedAt ?? undefined),
  ])
  const text = table(['TOKEN', 'USER', 'NAME', 'PERMISSIONS', 'STATE', 'SINCE', 'EXPIRES', 'LAST USED'], rows)
  return { value: { tokens }, text }
}

export async function revokeToken(task: Task): Promise<Answer> {
  const id = task.args[0] as string
  const { effectiveBy } = await withAuth(task, (auth) => auth.apiTokens.revoke(id))
  return { value: { revoked: id, effectiveBy }, text: `The API token has ended: everywhere by ${date(effectiveBy)}.\n` }
}

async function allOf({ apiTokens }: ServerAuth, userId: string | undefined): Promise<readonly ApiTokenInfo[]> {
  const tokens: ApiTokenInfo[] = []
  for (;;) {
    const page = await apiTokens.list({ userId, after: tokens.at(-1)?.id })
    if (page.length === 0) return tokens
    tokens.push(...page)
  }
}

async function namesOf({ users }: ServerAuth, tokens: readonly ApiTokenInfo[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (const id of new Set(tokens.map(({ userId }) => userId))) {
    const account = await users.byId(id)
    if (account) names.set(id, account.username)
  }
  return names
}

const endOf = ({ expiresAt }: ApiTokenInfo): string =>
  expiresAt === null ? 'never expires' : `expires ${date(expiresAt)}`

function stateOf({ active, revokedAt, expiresAt }: ApiTokenInfo, now: number): string {
  if (active) return 'active'
  if (revokedAt !== null) return 'revoked'
  // What is neither expired nor revoked by itself ended with all the others, when a backup came back.
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'ended'
}
