/** G23 over a users table of the application's own: it is asked by row and subject, to the letter, and never by a name or an address. */
import { expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import type { User } from '../../src/stores/port.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { count } from '../count.js'
import { mint, START, whoIs } from './kit.js'
import { expected, ISSUERS, SHAPES, STATES, type State, type Victim } from './matrix.js'

type Member = User & { readonly active: boolean }

const victim: Victim = { id: 'm-1', username: 'victim', email: 'victim@example.com', subject: 'u-1' }
const member: Member = { id: victim.id, active: true, permissions: ['posts:write'] }

/** An auth over a table in that state; `create`: whether it makes members on the fly. */
function over(state: State, create: boolean) {
  const members = new Map<string, Member>([[member.id, { ...member, active: state.identity !== 'disabled' }]])
  if (state.identity === 'deleted') members.delete(member.id)
  const names = new Map<string, string>()
  const has = ['linked', 'disabled', 'deleted'].includes(state.identity ?? '')
  if (has) names.set(JSON.stringify(['company', victim.subject]), member.id)
  const questions: string[] = []
  const auth = createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    clock: () => START,
    issuers: ISSUERS.map(({ options }) => ({ ...options, users: create ? 'create' : 'known' })),
    users: {
      findById: async (id) => members.get(id),
      findByLogin: async (login) => {
        questions.push(`login ${login}`)
        return { user: member, passwordHash: null }
      },
      identities: {
        find: async (row, subject) => {
          questions.push(`find ${row} ${subject}`)
          const id = names.get(JSON.stringify([row, subject]))
          return id === undefined ? undefined : (members.get(id) ?? 'gone')
        },
        ...(create && {
          create: async (row: string, subject: string) => {
            questions.push(`create ${row} ${subject}`)
            const user = { id: `new-${members.size}`, active: true, permissions: [] }
            members.set(user.id, user)
            names.set(JSON.stringify([row, subject]), user.id)
            return { user, created: true }
          },
        }),
      },
    },
  })
  return { whoIs: whoIs(auth), questions }
}

const modes = [true, false] as const
const cells = modes.flatMap((create) => ISSUERS.map((issuer) => ({ create, issuer, id: issuer.id })))

test.each(cells)('a token of the $id reaches the members by its identity only (create: $create)', async (cell) => {
  const { create, issuer } = cell
  for (const [name, state] of Object.entries(STATES)) {
    for (const [shape, claimsOf] of Object.entries(SHAPES)) {
      const { whoIs, questions } = over(state, create)
      const claims = claimsOf(victim)
      const { context, code } = await whoIs(await mint({ iss: issuer.iss, ...claims }, { key: issuer.key }))
      const rule = expected(state, issuer.id, claims.sub, victim)
      const who = context?.userId?.startsWith('new-') ? 'new' : context?.userId
      const wanted = { victim: victim.id, out: undefined, new: create ? 'new' : undefined }[rule]
      expect([who, code === undefined], `${name}, ${shape}`).toEqual([wanted, wanted !== undefined])
      if (code) expect(code).toBe('user_inactive')
      if (rule !== 'victim') expect(await context?.can('posts:write')).not.toBe(true)
      const asked = new Set(questions.map((one) => one.replace(/^\w+ /, '')))
      expect(asked).toEqual(new Set([`${issuer.id} ${claims.sub}`]))
      count('cells of G23', 1)
    }
  }
})
