/** A forum over its members table: who am I, by the number that the table has, and a page for editors. */
import express from 'express'
import { permission, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import type { createMemberAuth } from './auth.js'

export function forum(auth: ReturnType<typeof createMemberAuth>) {
  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.get('/member', authorize(signedIn), async (request, response) => {
    const member = await auth.of(request)?.user()
    response.json({ memberNo: member?.memberNo, mail: member?.email })
  })
  app.get('/drafts', authorize(permission('posts:write')), (_request, response) => {
    response.json(['Which hash do you use?'])
  })
  return app
}
