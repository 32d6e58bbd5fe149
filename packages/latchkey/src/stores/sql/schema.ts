/** The tables, as the SQL names them. Truth values are 0 and 1, times are seconds, and text is compared by bytes. */
import type { Scope, Session } from '../port.js'

export interface Schema {
  latchkey_schema: SchemaTable
  latchkey_counter: CounterTable
  latchkey_epochs: EpochTable
  latchkey_sessions: SessionTable
  latchkey_users: UserTable
  latchkey_groups: GroupTable
  latchkey_members: MemberTable
  latchkey_bootstrap: BootstrapTable
  latchkey_keyring: KeyringTable
  latchkey_secrets: SecretTable
  latchkey_identities: IdentityTable
  latchkey_api_tokens: ApiTokenTable
  latchkey_key_sets: KeySetTable
}

/** One row: the number of the last migration. */
interface SchemaTable {
  id: number
  version: number
}

/** One row: the last stamp given. Whoever raises it holds it until commit, so stamps commit in order. */
interface CounterTable {
  id: number
  stamp: number
}

interface EpochTable {
  scope: Scope
  row: string
  key: string
  stamp: number
  until: number
}

interface SessionTable {
  id: string
  user_id: string
  stamp: number
  seed: string
  generation: number
  secret_id: string
  previous_secret_id: string | null
  rotated_at: number
  created_at: number
  authenticated_at: number
  last_seen_at: number
  expires_at: number
  idle_seconds: number
  ended_at: number | null
  ended_by: string | null
  device: string | null
  address: string | null
  scope: string | null
}

export interface UserTable {
  id: string
  username: string
  email: string | null
  active: number
  admin: number
  /** A JSON array: what was granted to the user alone. */
  permissions: string
  created_at: number
  password_hash: string | null
  /** A JSON object, its members in order. */
  attributes: string
  last_login_at: number | null
}

interface GroupTable {
  name: string
  /** A JSON array of the name and of the permissions, which are an array, too. */
  entry: string
  created_at: number
}

interface MemberTable {
  group_name: string
  user_id: string
}

/** One row: the nonce of the first start. */
interface BootstrapTable {
  id: number
  nonce: string
  used: number
}

/** One row: the sealed keyring. */
interface KeyringTable {
  id: number
  version: number
  sealed: string
}

interface SecretTable {
  id: string
  known_since: number
}

/** A row whose user was deleted stays, so that nobody makes that user anew. */
export interface IdentityTable {
  row: string
  subject: string
  user_id: string | null
  created_at: number
}

export interface ApiTokenTable {
  id: string
  user_id: string
  name: string
  hash: string
  /** A JSON array. */
  permissions: string | null
  created_at: number
  expires_at: number | null
  last_used_at: number | null
  revoked_at: number | null
}

interface KeySetTable {
  row: string
  text: string
  at: number
}

/** The id of the only row, in tables that have one. */
export const ONLY = 1

/** The columns of a session under the names of the port. */
export const sessionColumns = [
  'id',
  'user_id as userId',
  'stamp',
  'seed',
  'generation',
  'secret_id as secretId',
  'previous_secret_id as previousSecretId',
  'rotated_at as rotatedAt',
  'created_at as createdAt',
  'authenticated_at as authenticatedAt',
  'last_seen_at as lastSeenAt',
  'expires_at as expiresAt',
  'idle_seconds as idleSeconds',
  'ended_at as endedAt',
  'ended_by as endedBy',
  'device',
  'address',
  'scope',
] as const

/** A session without whatever else its statement selected: drivers make rows of their own prototypes. */
export function toSession(row: Session): Session {
  const { id, userId, stamp, seed, generation, secretId, previousSecretId, rotatedAt, createdAt } = row
  const { authenticatedAt, lastSeenAt, expiresAt, idleSeconds, endedAt, endedBy, device, address, scope } = row
  const times = { rotatedAt, createdAt, authenticatedAt, lastSeenAt, expiresAt, idleSeconds, endedAt, endedBy }
  return { id, userId, stamp, seed, generation, secretId, previousSecretId, ...times, device, address, scope }
}
