/** The ten lines between a table that is not ours and everything that signs its members in. */
import { createAuth } from 'latchkey'
import type { MemberRow, Members } from './members.js'

const ROLES: Readonly<Record<string, string>> = { admin: '*', editor: 'posts:*' }

/** A member as the application knows them. `id`, `active` and `permissions` are what Latchkey looks at; the rest is yours. */
const memberOf = ({ member_no, nick, mail, is_blocked, roles }: MemberRow) => ({
  id: String(member_no),
  memberNo: member_no,
  username: nick,
  email: mail,
  active: is_blocked === 0,
  permissions: roles.split(',').flatMap((role) => ROLES[role] ?? []),
})

export const createMemberAuth = (members: Members, database: string, secret: string) =>
  createAuth({
    issuer: 'http://localhost:8000',
    database,
    secret,
    development: true,
    users: {
      async findById(id) {
        const row = members.byNumber(Number(id))
        return row && memberOf(row)
      },
      async findByLogin(login) {
        const row = members.byNickOrMail(login)
        return row && { user: memberOf(row), passwordHash: row.pw }
      },
      setPasswordHash: async (id, hash, expected) => members.setPassword(Number(id), hash, expected ?? ''),
    },
  })
