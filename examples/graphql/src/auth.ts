/** Who signs in: the five people of every example; alice writes, and root may do everything. */
import { createAuth } from 'latchkey'
import { seed } from '../../lib/example.mjs'

export async function createNewsAuth(database: string, secret: string) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  await seed(auth)
  await auth.users.grant('1', ['posts:write'])
  await auth.users.grant('4', ['*'])
  return auth
}

export type NewsAuth = Awaited<ReturnType<typeof createNewsAuth>>
