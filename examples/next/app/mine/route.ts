/** A route handler that is promised its caller. */
import { signedIn } from 'latchkey'
import { authorize } from 'latchkey/next'
import { auth } from '../../auth'

export const GET = authorize(auth, signedIn, async (_request, caller) => {
  return Response.json({ by: (await caller.user()).username, token: caller.claims.jti })
})
