/** `latchkey issuers check`: asks every configured issuer for its keys now, and says what is wrong with them. */
import { AuthError, type IssuerInfo, type KnownKey } from 'latchkey'
import { EXIT, failure } from '../cli/failure.js'
import { plain, table } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'

/** How one issuer fares. */
interface Checked {
  readonly id: string
  readonly issuer: string | null
  readonly usable: boolean
  readonly algorithms: readonly string[]
  readonly keys: readonly KnownKey[]
  /** Where remote keys were found, and how many seconds ago; `null` for keys of the configuration. */
  readonly url: string | null
  readonly ageSeconds: number | null
  readonly refused: readonly { readonly index: number; readonly hint: string }[]
  /** What does not fit together, one sentence each. */
  readonly mismatches: readonly string[]
  readonly error: string | null
}

export async function checkIssuers(task: Task): Promise<Answer> {
  const said = task.config().said.issuers ?? []
  if (said.length === 0)
    throw failure(EXIT.failed, 'not_found', 'No other issuers are configured.', 'they stand in `issuers`')
  const issuers = await withAuth(task, async (auth) => {
    // Schemas are compiled here, too: one that cannot be used is a mistake in the configuration.
    await auth.ready()
    return Promise.all(auth.issuers().map((info, at) => check(auth.issuers, info, said[at]?.algorithms, task.io.clock)))
  })
  return {
    value: { issuers },
    text: issuers.map(shown).join('\n'),
    exit: issuers.every(({ usable }) => usable) ? EXIT.ok : EXIT.failed,
  }
}

async function check(
  list: () => readonly IssuerInfo[],
  { id, issuer, remote, algorithms }: IssuerInfo,
  pinned: readonly string[] | undefined,
  clock: () => number,
): Promise<Checked> {
  const error = await failed(remote)
  const keys = list().find((one) => one.id === id)?.keys ?? []
  const { url, fetchedAt, refused = [] } = remote?.state() ?? {}
  // The default names an algorithm for each kind of key: that one of them has none says nothing.
  const lacking = pinned?.filter((alg) => !keys.some((key) => key.alg === alg)) ?? []
  return {
    id,
    issuer: issuer ?? null,
    usable: error === undefined && keys.length > 0,
    algorithms,
    keys,
    url: url ?? null,
    ageSeconds: fetchedAt === undefined ? null : Math.max(0, clock() - fetchedAt),
    refused,
    mismatches: [...lacking.map((alg) => `${alg} is pinned, and no key is for it.`), ...nameless(keys)],
    error: error ?? null,
  }
}

async function failed(remote: IssuerInfo['remote']): Promise<string | undefined> {
  try {
    await remote?.refresh()
    return undefined
  } catch (error) {
    if (error instanceof AuthError) return error.hint ?? error.message
    throw error
  }
}

/** Two nameless keys of one algorithm: only tokens that name a thumbprint tell them apart. */
function nameless(keys: readonly KnownKey[]): readonly string[] {
  const several = new Set(keys.filter((key) => key.kid === undefined && keys.some((other) => rivals(key, other))))
  return [...new Set([...several].map(({ alg }) => alg))].map(
    (alg) => `Several keys for ${alg} have no name: tokens without a \`kid\` fit none of them.`,
  )
}

const rivals = (key: KnownKey, other: KnownKey): boolean =>
  key !== other && key.alg === other.alg && other.kid === undefined

function shown(one: Checked): string {
  const { id, issuer, usable, keys, url, ageSeconds, refused, mismatches, error } = one
  const title = `${usable ? '✔' : '✘'} ${id}${issuer === null ? ', tokens without iss' : issuer === id ? '' : `, ${issuer}`}`
  const source = url === null ? 'keys from the configuration' : `keys from ${url}, ${ageSeconds ?? '?'}s old`
  const rows = keys.map(({ kid, alg, thumbprint }) => [`  ${kid ?? '(no name)'}`, alg, thumbprint])
  const notes = [
    ...(error === null ? [] : [`failed: ${error}`]),
    ...refused.map(({ index, hint }) => `refused: key ${index}, ${hint}`),
    ...mismatches.map((mismatch) => `mismatch: ${mismatch}`),
    ...(keys.length === 0 && error === null ? ['no key that can be used'] : []),
  ]
  const listed = rows.length === 0 ? '' : table(['  KEY', 'ALGORITHM', 'THUMBPRINT'], rows)
  return `${plain(title)}\n  ${plain(source)}\n${listed}${notes.map((note) => `  ${plain(note)}\n`).join('')}`
}
