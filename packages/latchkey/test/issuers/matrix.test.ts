/** G23: two issuers, every shape of claims, every state of an account: nobody reaches an account that is not theirs (cases 35, 208-211). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { memoryStores } from '../../src/stores/memory.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { mint, START, trusting } from './kit.js'
import { expected, ISSUERS, SHAPES, STATES, type State, type Victim } from './matrix.js'

type Kit = ReturnType<typeof trusting>
type Issuer = (typeof ISSUERS)[number]

const open = (database: Parameters<typeof trusting>[1]) =>
  trusting(
    ISSUERS.map(({ options }) => options),
    database,
  )

const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
const kits: Kit[] = []
afterAll(async () => {
  await Promise.all(kits.map(({ auth }) => auth.close()))
  rmSync(folder, { recursive: true })
})

let cells = 0

async function stand(auth: Kit['auth'], state: State): Promise<Victim> {
  const n = cells++
  const username = `victim-${n}`
  const email = `${username}@example.com`
  const { id } = await auth.users.create({ username, email, permissions: ['posts:write'], admin: state.admin })
  const name = { issuer: 'company', subject: `u-${n}` }
  if (state.identity) await auth.identities?.link(id, name)
  if (state.identity === 'disabled') await auth.users.disable(id)
  if (state.identity === 'deleted') await auth.users.remove(id)
  if (state.identity === 'unlinked') await auth.identities?.unlink(id, name)
  return { id, username, email, subject: name.subject }
}

/** What is wrong with what came of a token; nothing, if all is as the rule has it. */
async function wrongs(kit: Kit, state: State, { id: row, iss, key }: Issuer, shape: string): Promise<string[]> {
  const { auth, whoIs } = kit
  const victim = await stand(auth, state)
  const before = await auth.users.byId(victim.id)
  const claims = SHAPES[shape]?.(victim) ?? {}
  const { context, code } = await whoIs(await mint({ iss, ...claims }, { key }))
  const wanted = expected(state, row, claims.sub, victim)
  const found: string[] = []
  const must = (what: string, holds: boolean) => void (holds || found.push(what))
  const after = await auth.users.byId(victim.id)
  if (wanted === 'out') must(`is out, not ${code}`, code === 'user_inactive')
  else must(`comes in, not ${code}`, context?.userId !== undefined)
  must('is the victim only by rule', (context?.userId === victim.id) === (wanted === 'victim'))
  if (wanted === 'victim')
    must('leaves the account as it was', same({ ...before, lastLoginAt: START, attributes: {} }, after))
  else must('leaves the account untouched', same(before, after))
  if (wanted === 'new' && context) {
    const user = (await context.user()) as unknown as { username: string; email: string | null; admin: boolean }
    must('is called otherwise', state.identity === 'deleted' || user.username !== victim.username)
    must('has no address of theirs', state.identity === 'deleted' || user.email !== victim.email)
    must('is no administrator', user.admin === false)
    must('may nothing', !(await context.can('posts:write')) && !(await context.can('users:list')))
  }
  return found.map((what) => `${shape}: ${what}`)
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
const sorted = (value: unknown) => Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

const databases: readonly [string, () => Promise<string>][] = [
  ['memory', async () => 'memory'],
  ['SQLite', async () => `sqlite:${join(folder, 'auth.db')}`],
  ['PostgreSQL', () => postgresDatabase('matrix')],
]

describe.each(databases)('over %s', (_, database) => {
  let opening: Promise<Kit> | undefined
  const kit = () =>
    (opening ??= database().then((url) => {
      const made = open({ database: url })
      kits.push(made)
      return made
    }))

  describe.each(ISSUERS)('a token of the $id', (issuer) => {
    test.each(Object.entries(STATES))('never reaches %s but by its identity', async (_name, state) => {
      const found: string[] = []
      for (const shape of Object.keys(SHAPES)) found.push(...(await wrongs(await kit(), state, issuer, shape)))
      expect(found).toEqual([])
      count('cells of G23', Object.keys(SHAPES).length)
    })
  })
})

test('the matrix is as large as the goal has it', () => {
  expect([ISSUERS.length, Object.keys(SHAPES).length, Object.keys(STATES).length]).toEqual([2, 13, 7])
})

test('the judge sees a table that finds people by their name, and one that forgets of which issuer a subject is', async () => {
  const stores = memoryStores({ clock: () => START })
  const { identities, users } = stores
  const byName: typeof identities.provision = async (row, subject, account) => {
    const taken = await users.findByLogin(account.username)
    if (!taken) return identities.provision(row, subject, account)
    await identities.link(row, subject, taken.user.id, START)
    return { identity: { row, subject, userId: taken.user.id, createdAt: START }, created: false }
  }
  const friendly = open({ database: { ...stores, identities: { ...identities, provision: byName } } })
  const [first, second] = ISSUERS
  expect(await wrongs(friendly, STATES['an administrator'], first, 'the same user name')).not.toEqual([])
  const forgetful = open({
    database: {
      ...stores,
      identities: { ...identities, find: (_row, subject) => identities.find('company', subject) },
    },
  })
  const linked = STATES['a user whose identity this is']
  expect(await wrongs(forgetful, linked, second, 'a subject alone')).not.toEqual([])
})
