/** A board of notes in Express: everybody reads, members write, moderators delete; and errors look as the board wants them to. */
import express, { type ErrorRequestHandler } from 'express'
import { AuthError, createAuth, type PassedError, permission, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'

export function createBoard({ database, secret }: { readonly database: string; readonly secret: string }) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  const notes = new Map<number, { id: number; by: string; text: string }>()
  let last = 0

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth, { errors: 'pass' }))
  app.use(express.json())

  app.get('/notes', async (request, response) => {
    const reader = await auth.of(request)?.user()
    response.json({ reader: reader?.username ?? null, notes: [...notes.values()] })
  })

  const write = authorize(auth, signedIn, async (request, response, caller) => {
    const { username } = await caller.user()
    const note = { id: ++last, by: username, text: String(request.body?.text) }
    notes.set(note.id, note)
    response.status(201).json(note)
  })
  app.post('/notes', write)

  app.delete('/notes/:id', authorize(permission('notes:delete')), (request, response, next) => {
    if (notes.delete(Number(request.params.id))) response.sendStatus(204)
    else next()
  })

  app.use((_request, response) => {
    response.status(404).json({ problem: 'not_found' })
  })
  const answerError: ErrorRequestHandler = (error: PassedError | Error, _request, response, next) => {
    if (!(error instanceof AuthError)) return next(error)
    response
      .status(error.status)
      .set('headers' in error ? error.headers : {})
      .json({ problem: error.code })
  }
  app.use(answerError)
  return { app, auth }
}
