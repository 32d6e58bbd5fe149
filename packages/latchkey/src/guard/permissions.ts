/** Permissions: `posts:write` is granted by itself, by `posts:*` and by `*`; whole words only. */

/** Whether any of the permissions held covers the wanted one. Wildcards count in what is held, never in what is wanted. */
export const grants = (held: readonly string[], wanted: string): boolean =>
  held.some((permission) => permission === wanted || covers(permission, wanted))

function covers(permission: unknown, wanted: string): boolean {
  if (permission === '*') return true
  if (typeof permission !== 'string' || !permission.endsWith(':*')) return false
  return wanted.startsWith(permission.slice(0, -1))
}
