/** A board of notes in Koa: everybody reads, members write, moderators delete; and errors look as the board wants them to. */
import { json } from 'node:stream/consumers'
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { AuthError, createAuth, type PassedError, permission, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/koa'

export function createBoard({ database, secret }: { readonly database: string; readonly secret: string }) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  const notes = new Map<number, { id: number; by: string; text: string }>()
  let last = 0

  const router = new Router()
  router.get('/notes', async (ctx) => {
    const reader = await auth.of(ctx)?.user()
    ctx.body = { reader: reader?.username ?? null, notes: [...notes.values()] }
  })

  const write = authorize(auth, signedIn, async (ctx, caller) => {
    const [{ username }, body] = await Promise.all([caller.user(), json(ctx.req) as Promise<{ text: unknown }>])
    const note = { id: ++last, by: username, text: String(body.text) }
    notes.set(note.id, note)
    ctx.status = 201
    ctx.body = note
  })
  router.post('/notes', write)

  router.delete('/notes/:id', authorize(permission('notes:delete')), (ctx) => {
    if (notes.delete(Number(ctx.params.id))) ctx.status = 204
  })

  const app = new Koa()
  app.use(answerErrors)
  app.use(mount(auth))
  app.use(authenticate(auth, { errors: 'pass' }))
  app.use(router.routes())
  return { app, auth }
}

/** Outermost, so that whatever is thrown further in comes by. */
const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next()
    if (ctx.status === 404) answer(404, 'not_found')
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    answer(error.status, error.code)
    if ('headers' in error) ctx.set((error as PassedError).headers)
  }

  function answer(status: number, problem: string): void {
    ctx.status = status
    ctx.body = { problem }
  }
}
