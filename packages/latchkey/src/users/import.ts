/** Accounts that come from another system: many at a time, each of them once and whole, and never over somebody who is here. */
import { AuthError, type Problem } from '../errors.js'
import type { Account, Arrival, IdentityStore, Provisioned } from '../stores/port.js'
import { IMPORT_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'
import { type AccountInput, accountProblems, newAccount } from './new-account.js'
import type { Hasher } from './passwords.js'

/** An account of another system. */
export interface ImportedAccount extends Omit<AccountInput, 'password' | 'id' | 'admin'> {
  /** What tokens know the user by. It stays. */
  readonly id: string
  /** `false` keeps the user out. Default true. */
  readonly active?: boolean | undefined
  /** Names of groups; where there is no such group the user is not in it. */
  readonly groups?: readonly string[] | undefined
  /** Seconds; now, if nothing is said. */
  readonly createdAt?: number | undefined
  /** Seconds; `null` for who never logged in. */
  readonly lastLoginAt?: number | null | undefined
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/**
 * What became of an account. `created`; `known`: it came before, and is left as it is; `renamed`: so it is, but called otherwise here;
 * `deleted`: it came before, was deleted here, and stays out; `taken`: its id or its user name is somebody else's; `invalid`: see `problems`.
 */
export interface Imported {
  readonly id: string
  readonly outcome: 'created' | 'known' | 'renamed' | 'deleted' | 'taken' | 'invalid'
  /** What the account was made without: an address that is none or somebody else's, a hash that cannot be verified here. */
  readonly without: readonly ('email' | 'passwordHash')[]
  readonly problems: readonly Problem[]
}

/** Brings accounts of another system. */
export interface AccountImport {
  /**
   * Makes accounts that come from another system, with their ids, hashes and groups, and answers what became of each, in order. May be
   * repeated: who came before is left alone, and who was deleted here since does not come back. Nobody who is here is taken over.
   * Some hundred at a time are one transaction. There is no event, and nobody becomes an administrator. `dryRun`: writes nothing, and
   * answers what would become of each. Throws `request_invalid` for what is no list, and `store_failed`.
   *
   * @example
   * ```ts
   * import { createAuth } from 'latchkey'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '' })
   * const [alice] = await auth.users.import([
   *   { id: '1', username: 'alice', passwordHash: 'pbkdf2_sha256$600000$seasalt$OAiH/pBlgPkWjkOdQDsrC8AUU01gOT6Zj8eSa3lRPDw=' },
   * ])
   * console.log(alice?.outcome) // created
   * ```
   */
  import(accounts: readonly ImportedAccount[], options?: { readonly dryRun?: boolean }): Promise<readonly Imported[]>
}

export interface ImportParts {
  readonly identities: Pick<IdentityStore, 'find' | 'provisionAll'>
  readonly users: {
    findById(id: string): Promise<Account | undefined>
    findByLogin(login: string): Promise<object | undefined>
  }
  readonly hasher: Hasher
  readonly clock: Clock
}

type Ready = Arrival & { readonly without: Imported['without'] }

export function createImport({ identities, users, hasher, clock }: ImportParts): AccountImport {
  return { import: bring }

  async function bring(
    accounts: readonly ImportedAccount[],
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<readonly Imported[]> {
    if (!Array.isArray(accounts)) throw notAList()
    const looked = await Promise.all(accounts.map(prepare))
    const ready = looked.filter((one): one is Ready => 'account' in one)
    const made = dryRun ? await Promise.all(ready.map(foreseen)) : await written(ready)
    const outcomes = new Map(ready.map((one, index) => [one, made[index]]))
    return looked.map((one) => ('account' in one ? (outcomes.get(one) as Imported) : one))
  }

  /** What can be done without is left away; the rest refuses the account. */
  async function prepare(input: ImportedAccount): Promise<Ready | Imported> {
    const problems = importProblems(input)
    const paths = new Set(problems.map(({ path }) => path))
    const without = (['email', 'passwordHash'] as const).filter((path) => paths.delete(path))
    if (paths.size > 0) return { id: String(input?.id), outcome: 'invalid', without: [], problems }
    const kept = { ...input, ...Object.fromEntries(without.map((path) => [path, null])) }
    const { active = true, groups = [], createdAt = clock(), lastLoginAt = null, attributes = {} } = input
    const account = {
      ...(await newAccount({ ...kept, admin: false }, hasher, clock)),
      active,
      createdAt,
      lastLoginAt,
      attributes,
    }
    return { subject: input.id, account, groups, without }
  }

  /** Addresses are one of a kind here, and not everywhere: of two accounts that share one the first keeps it. */
  async function written(ready: readonly Ready[]): Promise<readonly Imported[]> {
    const first = await identities.provisionAll(IMPORT_ROW, ready)
    const again = ready.filter(({ account }, index) => first[index] === 'taken' && account.email !== null)
    const retries = again.map(addressless)
    const second = retries.length > 0 ? await identities.provisionAll(IMPORT_ROW, retries) : []
    return Promise.all(
      ready.map((one, index) => {
        const retry = again.indexOf(one)
        return told(retries[retry] ?? one, second[retry] ?? first[index] ?? 'taken')
      }),
    )
  }

  async function told({ subject: id, account, without }: Ready, made: Provisioned | 'taken'): Promise<Imported> {
    if (made === 'taken') return { id, outcome: 'taken', without: [], problems: [] }
    if (made.created) return { id, outcome: 'created', without, problems: [] }
    return standing(id, account.username, made.identity.userId)
  }

  async function standing(id: string, username: string, userId: string | null): Promise<Imported> {
    const found = userId === null ? undefined : await users.findById(userId)
    const outcome = !found ? 'deleted' : found.username === username ? 'known' : 'renamed'
    return { id, outcome, without: [], problems: [] }
  }

  async function foreseen({ subject: id, account, without }: Ready): Promise<Imported> {
    const identity = await identities.find(IMPORT_ROW, id)
    if (identity) return standing(id, account.username, identity.userId)
    const taken = (await users.findById(id)) ?? (await users.findByLogin(account.username))
    return { id, outcome: taken ? 'taken' : 'created', without: taken ? [] : without, problems: [] }
  }
}

const addressless = (one: Ready): Ready => ({
  ...one,
  account: { ...one.account, email: null },
  without: ['email', ...one.without],
})

function importProblems(input: ImportedAccount): readonly Problem[] {
  if (typeof input !== 'object' || input === null)
    return [{ path: '', rule: 'type', message: 'This must be an object.' }]
  const { id, active, groups, createdAt, lastLoginAt, attributes } = input
  const problems = [...accountProblems(input)]
  const check = (fits: boolean, path: string, message: string): void => {
    if (!fits) problems.push({ path, rule: 'type', message })
  }
  check(typeof id === 'string', 'id', 'This must be text.')
  check(active === undefined || typeof active === 'boolean', 'active', 'Must be true or false.')
  check(groups === undefined || isTexts(groups), 'groups', 'Must be a list of names.')
  check(createdAt === undefined || isTime(createdAt), 'createdAt', 'Must be whole seconds.')
  check(
    lastLoginAt === undefined || lastLoginAt === null || isTime(lastLoginAt),
    'lastLoginAt',
    'Must be whole seconds.',
  )
  check(attributes === undefined || isPlain(attributes), 'attributes', 'Must be an object.')
  return problems
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && !one.includes('\0'))

const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isPlain = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const notAList = (): AuthError =>
  new AuthError('request_invalid', { problems: [{ path: '', rule: 'type', message: 'This must be a list.' }] })
