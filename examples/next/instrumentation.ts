/** Runs once when the server starts: alice and bob are there, and bob may read drafts. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { auth } = await import('./auth')
  const people = [
    { id: '1', username: 'alice', permissions: [] },
    { id: '2', username: 'bob', permissions: ['drafts:read'] },
  ]
  for (const person of people) {
    if (!(await auth.users.byId(person.id))) await auth.users.create({ ...person, password: 'password' })
  }
}
