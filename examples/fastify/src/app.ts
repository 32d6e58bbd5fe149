/** A board of notes in Fastify: everybody reads, members write, moderators delete; and errors look as the board wants them to. */
import fastify, { type FastifyRequest } from 'fastify'
import { AuthError, createAuth, type PassedError, permission, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/fastify'

export function createBoard({ database, secret }: { readonly database: string; readonly secret: string }) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  const notes = new Map<number, { id: number; by: string; text: string }>()
  let last = 0

  const app = fastify()
  app.register(mount(auth))
  app.addHook('onRequest', authenticate(auth, { errors: 'pass' }))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ problem: 'not_found' }))
  app.setErrorHandler((error: PassedError | Error, _request, reply) => {
    if (!(error instanceof AuthError)) return reply.send(error)
    return reply
      .code(error.status)
      .headers('headers' in error ? error.headers : {})
      .send({ problem: error.code })
  })

  app.get('/notes', async (request) => {
    const reader = await auth.of(request)?.user()
    return { reader: reader?.username ?? null, notes: [...notes.values()] }
  })

  const schema = { body: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } }
  const write = authorize(
    auth,
    signedIn,
    async (request: FastifyRequest<{ Body: { text: string } }>, reply, caller) => {
      const { username } = await caller.user()
      const note = { id: ++last, by: username, text: request.body.text }
      notes.set(note.id, note)
      return reply.code(201).send(note)
    },
  )
  app.post('/notes', { schema }, write)

  const mayDelete = { onRequest: authorize(permission('notes:delete')) }
  app.delete<{ Params: { id: string } }>('/notes/:id', mayDelete, async (request, reply) => {
    if (!notes.delete(Number(request.params.id))) return reply.callNotFound()
    return reply.code(204).send()
  })
  return { app, auth }
}
