/** A board of notes in Hono: everybody reads, members write, moderators delete; and errors look as the board wants them to. */
import { Hono } from 'hono'
import { AuthError, createAuth, type PassedError, permission, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/hono'

export function createBoard({ database, secret }: { readonly database: string; readonly secret: string }) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  const notes = new Map<number, { id: number; by: string; text: string }>()
  let last = 0

  const app = new Hono()
  app.use(mount(auth))
  app.use(authenticate(auth, { errors: 'pass' }))

  app.get('/notes', async (c) => {
    const reader = await auth.of(c)?.user()
    return c.json({ reader: reader?.username ?? null, notes: [...notes.values()] })
  })

  const write = authorize(auth, signedIn, async (c, caller) => {
    const [{ username }, { text }] = await Promise.all([caller.user(), c.req.json()])
    const note = { id: ++last, by: username, text: String(text) }
    notes.set(note.id, note)
    return c.json(note, 201)
  })
  app.post('/notes', write)

  app.delete('/notes/:id', authorize(permission('notes:delete')), (c) => {
    return notes.delete(Number(c.req.param('id'))) ? c.body(null, 204) : c.notFound()
  })

  app.notFound((c) => c.json({ problem: 'not_found' }, 404))
  app.onError((error: PassedError | Error) => {
    if (!(error instanceof AuthError)) throw error
    const headers = 'headers' in error ? error.headers : {}
    return Response.json({ problem: error.code }, { status: error.status, headers })
  })
  return { app, auth }
}
