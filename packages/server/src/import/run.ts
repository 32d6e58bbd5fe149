/** An import from beginning to end: groups first, then users page by page, then what was blacklisted. Repeating it goes on where it ended. */
import { AuthError, type Imported, type ImportedAccount } from 'latchkey'
import type { ServerAuth } from '../config/open.js'
import { accountOf, idOf, secondsOf } from './account.js'
import { type PermissionForm, permissionName } from './names.js'
import type { Complain, Source, SourceGroup, SourceUser } from './source.js'

export interface Tally {
  readonly users: { created: number; known: number; refused: number }
  readonly groups: { created: number; known: number; refused: number }
  readonly tokens: { blacklisted: number; expired: number; refused: number }
}

export interface ImportRun {
  readonly auth: Pick<ServerAuth, 'users' | 'groups' | 'revoke'>
  readonly source: Source
  readonly form: PermissionForm
  readonly dryRun: boolean
  readonly clock: () => number
  readonly complain: Complain
  /** After every page. */
  readonly told: (tally: Tally) => void
}

/** Accounts that are one transaction, and tokens that are. */
const [ACCOUNTS, TOKENS] = [200, 100]
/** Names that a dry run remembers, to find those that the source itself has twice. */
const REMEMBERED = 1_000_000

export async function runImport(run: ImportRun): Promise<Tally> {
  const tally: Tally = {
    users: { created: 0, known: 0, refused: 0 },
    groups: { created: 0, known: 0, refused: 0 },
    tokens: { blacklisted: 0, expired: 0, refused: 0 },
  }
  const accepted = await bringGroups(run, tally)
  await bringUsers(run, tally, accepted)
  await bringTokens(run, tally)
  return tally
}

/** The groups that users may join: those of the source, made here or the same here. */
async function bringGroups(run: ImportRun, tally: Tally): Promise<ReadonlySet<string>> {
  const accepted = new Set<string>()
  for (const group of await run.source.groups()) {
    const outcome = await bringGroup(run, group)
    tally.groups[outcome] += 1
    if (outcome !== 'refused') accepted.add(group.name)
  }
  return accepted
}

async function bringGroup(run: ImportRun, { place, name, permissions }: SourceGroup): Promise<keyof Tally['groups']> {
  const { auth, form, dryRun, complain } = run
  const wanted = permissions.flatMap((one) => permissionName(one, form) ?? [])
  if (wanted.length < permissions.length) complain(place, 'one of its permissions cannot be called so here')
  try {
    const standing = await auth.groups?.byName(name)
    if (!standing && !dryRun) await auth.groups?.create(name, wanted)
    if (!standing) return 'created'
    // Whoever joined a group that may more than theirs would be given what nobody gave them.
    if (sameSet(standing.permissions, wanted)) return 'known'
    complain(place, 'a group of that name is here and may something else: nobody joins it')
  } catch (error) {
    if (!(error instanceof AuthError) || error.code === 'store_failed') throw error
    complain(place, error.problems?.map(({ path, message }) => `${path}: ${message}`).join(' ') ?? error.message)
  }
  return 'refused'
}

async function bringUsers(run: ImportRun, tally: Tally, accepted: ReadonlySet<string>): Promise<void> {
  const { source, dryRun, form, clock, complain } = run
  const seen = new Set<string>()
  let page: { readonly row: SourceUser; readonly account: ImportedAccount }[] = []
  for await (const row of source.users()) {
    const account = accountOf(row, { form, now: clock(), complain, accepted })
    if (!account || (dryRun && isSecond(seen, account, row, complain))) tally.users.refused += 1
    else page.push({ row, account })
    if (page.length === ACCOUNTS) await flush()
  }
  await flush()

  async function flush(): Promise<void> {
    const written = await run.auth.users.import(
      page.map(({ account }) => account),
      { dryRun },
    )
    for (const one of written) {
      tally.users[one.outcome === 'created' || one.outcome === 'known' ? one.outcome : 'refused'] += 1
    }
    run.told(tally)
    const rows = page
    page = []
    for (const [index, one] of written.entries()) complainOf(one, rows[index]?.row.place ?? '', complain)
  }
}

function isSecond(
  seen: Set<string>,
  { id, username }: ImportedAccount,
  { place }: SourceUser,
  complain: Complain,
): boolean {
  const names = [`id ${id}`, `name ${username.normalize('NFKC').toLowerCase()}`]
  const twice = names.some((name) => seen.has(name))
  if (twice) complain(place, 'another row has the same primary key or user name')
  if (seen.size < REMEMBERED) for (const name of names) seen.add(name)
  return twice
}

const REASONS: Readonly<Record<string, string>> = {
  renamed: 'its primary key is here already, and called otherwise',
  deleted: 'was deleted here, and stays out',
  taken: "its user name or primary key is somebody else's here",
  email: "taken without its address, which is none or somebody else's here",
  passwordHash: 'taken without its password, whose hash cannot be verified here',
}

function complainOf({ outcome, without, problems }: Imported, place: string, complain: Complain): void {
  for (const part of without) complain(place, REASONS[part] as string)
  if (outcome === 'created' || outcome === 'known') return
  complain(place, REASONS[outcome] ?? problems.map(({ path, message }) => `${path}: ${message}`).join(' '))
}

async function bringTokens(run: ImportRun, tally: Tally): Promise<void> {
  const { source, dryRun, auth, clock, complain } = run
  let page: { readonly jti: string; readonly expiresAt: number }[] = []
  for await (const { place, jti, expires } of source.blacklist()) {
    const [name, expiresAt] = [idOf(jti), secondsOf(expires)]
    if (typeof jti !== 'string' || name === undefined || typeof expiresAt !== 'number') {
      tally.tokens.refused += 1
      complain(place, 'its jti is no text, or its end is no date')
    } else if (expiresAt <= clock()) tally.tokens.expired += 1
    else page.push({ jti: name, expiresAt })
    if (page.length === TOKENS) await flush()
  }
  await flush()

  async function flush(): Promise<void> {
    if (!dryRun) await auth.revoke({ jtis: page })
    tally.tokens.blacklisted += page.length
    page = []
    run.told(tally)
  }
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => {
  const [one, other] = [new Set(a), new Set(b)]
  return one.size === other.size && [...one].every((name) => other.has(name))
}
