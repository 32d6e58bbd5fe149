/** The PostgreSQL client, which applications install only where they need it. */
import type pg from 'pg'
import { AuthError } from '../../errors.js'

/** Throws `options_invalid` where `pg` is not installed. */
export async function postgresModule(): Promise<typeof pg> {
  try {
    return (await import('pg')).default
  } catch (cause) {
    throw new AuthError('options_invalid', { hint: 'database: PostgreSQL needs the package pg: npm install pg', cause })
  }
}
