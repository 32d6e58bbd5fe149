/** A SQLite file that cannot grow: what would write answers 503, what reads goes on, and with room everything is as it was (case 246, goal G18). */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Stores } from '../../src/stores/port.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'
import type { SqliteDatabase } from '../../src/stores/sql/sqlite-module.js'
import { count } from '../count.js'
import { sqlite } from '../stores/kit.js'
import { watched } from '../stores/watched.js'
import { broken, type Promised, well } from './judge.js'
import { type Answer, serverOver } from './kit.js'
import { askAll, peopleOf, questionsTo } from './questions.js'

const full: Promised = { ...well, write: 'unavailable' }

const report = {} as Awaited<ReturnType<typeof run>>
beforeAll(async () => void Object.assign(report, await run()))

describe('while there is no room', () => {
  test('every route that writes answers 503 with Retry-After, every other one answers as ever', () => {
    expect(broken(report.questions, report.within, full)).toEqual([])
    count('routes asked while SQLite was full', Object.keys(report.within).length)
  })

  test('what could not be ended goes on here, and what was ended before stays so', () => {
    expect(report.tokensWithin).toEqual({ cid: '200', eve: '200', ended: '401 token_revoked' })
  })
})

describe('with room again, without a restart,', () => {
  test('every retry does what was asked', () => {
    expect(broken(report.questions, report.back, well)).toEqual([])
  })

  test('what was ended is refused, and so is what was ended before', () => {
    expect(report.tokensBack).toEqual({
      cid: '401 token_revoked',
      eve: '401 token_revoked',
      ended: '401 token_revoked',
    })
  })

  test('nothing that was acknowledged is lost, nothing is left of what was not, and the file is whole', () => {
    expect(report.kept).toEqual({ rotated: '200', ended: '401 session_revoked' })
    expect(report.sessionsOfAnn).toEqual({ before: 2, within: 2, back: 3 })
    expect(report.integrity).toEqual([{ integrity_check: 'ok' }])
  })

  test('a restart finds the same', () => {
    expect(report.tokensRestarted).toEqual(report.tokensBack)
  })
})

test('a store that keeps to itself what it could not write is caught', async () => {
  const spoiled = (stores: Stores): Stores => ({
    ...stores,
    revocations: {
      ...stores.revocations,
      append: (...given) => stores.revocations.append(...given).catch(() => ({ stamp: 1, at: 1 })),
    },
  })
  const { questions, within, tokensRestarted } = await run(spoiled)
  expect(broken(questions, within, full)).toContainEqual(expect.stringMatching(/^a logout: 204/))
  expect(tokensRestarted).toMatchObject({ ended: '401 token_revoked' })
  count('planted faults caught', 1)
})

async function run(spoiled: (stores: Stores) => Stores = (stores) => stores) {
  const file = await sqlite()
  const { path, clock } = file
  const databases: SqliteDatabase[] = []
  const stores = () =>
    sqliteStores({ path, clock: () => clock.now }, () => watched((_, one) => void databases.push(one)))
  const first = await serverOver({ database: spoiled(stores()), clock: () => clock.now })
  // The connection that writes is the first to be opened.
  const writing = databases[0] as SqliteDatabase
  const people = await peopleOf(first)
  const questions = questionsTo(first.call, people)
  const [rotated, ended] = [await signedIn('rotated'), await signedIn('ended')]
  const next = (await refresh(rotated.refresh)).body.refresh_token
  await first.call('POST', '/auth/logout', { token: ended.access })
  const tokens = async (call = first.call) => {
    const asked = Object.entries({ cid: people('cid'), eve: people('eve'), ended }).map(
      async ([name, { access: token }]) => [name, said(await call('GET', '/app', { token }))],
    )
    return Object.fromEntries(await Promise.all(asked))
  }
  const sessionsOfAnn = async () => {
    const { body } = await first.call('GET', '/auth/sessions', { token: people('ann').access })
    return body.sessions?.length
  }
  const before = await sessionsOfAnn()

  noRowWithoutPages()
  // No less than there are.
  writing.exec('pragma max_page_count = 1')
  const [within, tokensWithin, whileFull] = [await askAll(questions), await tokens(), await sessionsOfAnn()]
  writing.exec('pragma max_page_count = 1000000')
  const [back, tokensBack] = [await askAll(questions), await tokens()]
  const afterwards = await sessionsOfAnn()
  const kept = { rotated: said(await refresh(next)), ended: said(await refresh(ended.refresh)) }
  const integrity = writing
    ?.prepare('pragma integrity_check')
    .all()
    .map((row) => ({ ...(row as object) }))
  await first.auth.close()

  const second = await serverOver({ database: stores(), clock: () => clock.now })
  const tokensRestarted = await tokens(second.call)
  await second.auth.close()
  await file.cleanup()
  return {
    questions,
    within,
    tokensWithin,
    back,
    tokensBack,
    kept,
    sessionsOfAnn: { before, within: whileFull, back: afterwards },
    integrity,
    tokensRestarted,
  }

  /** A row that fits into a page that is there would hide that the file is full, so that every change needs new ones. */
  function noRowWithoutPages(): void {
    writing.exec('create table filler (bytes blob)')
    for (const table of ['sessions', 'users', 'epochs'])
      for (const change of ['insert', 'update'])
        writing.exec(
          `create trigger filler_${table}_${change} after ${change} on latchkey_${table} begin insert into filler values (zeroblob(100000)); end`,
        )
  }

  async function signedIn(username: string) {
    return first.auth.tokens.issue(await first.auth.users.create({ username }))
  }

  function refresh(refresh_token: string | undefined) {
    return first.call('POST', '/auth/refresh', { body: { refresh_token } })
  }
}

const said = ({ status, code }: Answer) => (code === undefined ? `${status}` : `${status} ${code}`)
