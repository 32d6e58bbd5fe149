/** A route handler that takes a permission. */
import { permission } from 'latchkey'
import { authorize } from 'latchkey/next'
import { auth } from '../../auth'

export const GET = authorize(auth, permission('drafts:read'), () => Response.json(['Who has the key?']))
