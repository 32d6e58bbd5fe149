/** From a row of Django to an account: whatever is not what it should be refuses the row, by a reason that shows no value. */
import type { ImportedAccount } from 'latchkey'
import { type PermissionForm, permissionName } from './names.js'
import type { Complain, SourceUser } from './source.js'

interface Rules {
  readonly form: PermissionForm
  readonly now: number
  readonly complain: Complain
  /** The groups of the source that users may join. */
  readonly accepted: ReadonlySet<string>
}

/** `undefined` for a row that cannot be taken, after complaining about it. */
export function accountOf(row: SourceUser, { form, now, complain, accepted }: Rules): ImportedAccount | undefined {
  const id = idOf(row.id)
  const [active, superuser, staff] = [flag(row.active, true), flag(row.superuser, false), flag(row.staff, false)]
  const [joined, lastLogin] = [secondsOf(row.joined), secondsOf(row.lastLogin)]
  const wrong = [
    id === undefined && 'its primary key is neither a number nor text of 1 to 255 characters',
    typeof row.username !== 'string' && 'its user name is missing, or no text',
    active === undefined && 'is_active is neither true nor false',
    superuser === undefined && 'is_superuser is neither true nor false',
    staff === undefined && 'is_staff is neither true nor false',
    joined === undefined && 'date_joined is no date',
    lastLogin === undefined && 'last_login is no date',
    !isTextOrNothing(row.email) && 'its address is no text',
    !isTextOrNothing(row.password) && 'its password is no text',
  ].filter((one) => one !== false)
  if (wrong.length > 0 || id === undefined) return void complain(row.place, wrong.join('; '))
  const granted = row.permissions.flatMap((one) => permissionName(one, form) ?? [])
  if (granted.length < row.permissions.length) complain(row.place, 'one of its permissions cannot be called so here')
  return {
    id,
    username: row.username as string,
    email: (row.email as string | null | undefined) || null,
    active: active as boolean,
    permissions: superuser ? ['*', ...granted] : granted,
    groups: row.groups.filter((name) => accepted.has(name)),
    passwordHash: usable(row.password as string | null | undefined),
    createdAt: joined ?? now,
    lastLoginAt: lastLogin ?? null,
    attributes: {
      ...named('first_name', row.firstName),
      ...named('last_name', row.lastName),
      ...(staff && { is_staff: true }),
    },
  }
}

/** Numbers as text, which is what tokens name users by here. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? String(value) : undefined
  }
  return typeof value === 'string' && /^[^\p{C}]{1,255}$/u.test(value) ? value : undefined
}

/** Seconds since the epoch; `null` for nothing, and `undefined` for what is no date. Without a zone it is UTC, as Django stores it. */
export function secondsOf(value: unknown): number | null | undefined {
  if (value === null || value === undefined) return null
  const at = value instanceof Date ? value.getTime() : parsed(value)
  const seconds = Math.floor(at / 1000)
  return seconds >= 0 && seconds < 253_402_300_800 ? seconds : undefined
}

function parsed(value: unknown): number {
  const shape = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/
  const [, day, time, , zone = 'Z'] = (typeof value === 'string' && shape.exec(value)) || []
  return Date.parse(`${day}T${time}${/^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
}

/** SQLite has no truth values, only 0 and 1. */
function flag(value: unknown, usual: boolean): boolean | undefined {
  if (value === undefined || value === null) return usual
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : undefined
}

const isTextOrNothing = (value: unknown): boolean => value === null || value === undefined || typeof value === 'string'

/** Django marks what nobody can log in by with an exclamation mark. */
const usable = (hash: string | null | undefined): string | null => (!hash || hash.startsWith('!') ? null : hash)

function named(name: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'string' && /^[^\p{Cc}]{1,255}$/u.test(value) ? { [name]: value } : {}
}
