/** The part of a user that is told where the application does not say which. */
import type { User } from '../stores/port.js'

/** Never more than this, whatever the rows of a users table hold. */
export function usualPart(user: User): Readonly<Record<string, unknown>> {
  const row = user as unknown as Record<string, unknown>
  const part: Record<string, unknown> = {}
  for (const name of ['id', 'username', 'email', 'permissions']) if (row[name] !== undefined) part[name] = row[name]
  return part
}
