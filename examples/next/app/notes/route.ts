/** The notes as route handlers: everybody reads, and members write. */
import { signedIn } from 'latchkey'
import { authorize } from 'latchkey/next'
import { auth } from '../../auth'

const notes = new Map<number, { id: number; by: string; text: string }>()

export const GET = () => Response.json([...notes.values()])

export const POST = authorize(auth, signedIn, async (request, caller) => {
  const [{ username }, { text }] = await Promise.all([caller.user(), request.json()])
  const note = { id: notes.size + 1, by: username, text: String(text) }
  notes.set(note.id, note)
  return Response.json(note, { status: 201 })
})
