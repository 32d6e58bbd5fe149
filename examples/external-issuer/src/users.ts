/** Users as the API shows them. */
import type { Account, Accounts } from 'latchkey'

const NUMBER = /^\d{1,15}$/

/** All of them, the oldest first. */
export async function allUsers(users: Pick<Accounts, 'list'>): Promise<readonly Account[]> {
  const all: Account[] = []
  for (let page = await users.list(); page.length > 0; page = await users.list(all.at(-1)?.username)) all.push(...page)
  return all.sort((one, other) => one.createdAt - other.createdAt || place(one) - place(other))
}

/** Within one second: as they are numbered, and those without a number last. */
const place = ({ id }: Account): number => (NUMBER.test(id) ? Number(id) : Number.MAX_SAFE_INTEGER)

/** The ids of those who were made on the fly are text, others may be numbers, as they were in the database before. */
export const shown = ({ id, username, createdAt, lastLoginAt, admin, attributes }: Account) => ({
  id: NUMBER.test(id) ? Number(id) : id,
  username,
  first_name: attributes.first_name ?? '',
  last_name: attributes.last_name ?? '',
  date_joined: date(createdAt),
  last_login: lastLoginAt === null ? null : date(lastLoginAt),
  is_superuser: admin,
  groups: [],
})

const date = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
