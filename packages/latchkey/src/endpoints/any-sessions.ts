/** The operations over anybody's sessions, for callers with the permission `sessions:list` or `sessions:end`. */
import { AuthError } from '../errors.js'
import type { AuthContext } from '../guard/context.js'
import { permission } from '../guard/guards.js'
import type { SessionStore, User } from '../stores/port.js'
import type { Endings } from '../tokens/endings.js'
import { caller } from './caller.js'
import type { Call, Operations } from './surface.js'

export interface AnySessionParts {
  readonly sessions: Pick<SessionStore, 'list'>
  readonly endings: Endings
}

type AnyOperations<U extends User> = Pick<Operations<U>, 'sessionsOf' | 'endSessionOf' | 'endSessionsOf'>

const mayList = permission('sessions:list')
const mayEnd = permission('sessions:end')

export function createAnySessions<U extends User>({ sessions, endings }: AnySessionParts): AnyOperations<U> {
  return {
    async sessionsOf({ user }, call) {
      const { sessionId } = await permitted(call, mayList)
      return { sessions: await sessions.list(user), current: sessionId }
    },

    async endSessionOf({ user, id }, call) {
      await permitted(call, mayEnd)
      const found = (await sessions.list(user)).find((session) => session.id === id)
      if (!found) throw new AuthError('not_found')
      await endings.session(found, 'revoked')
    },

    async endSessionsOf({ user }, call) {
      await permitted(call, mayEnd)
      await endings.user(user, 'revoked')
    },
  }
}

async function permitted<U extends User>(call: Call<U>, guard: typeof mayList): Promise<AuthContext<U>> {
  const context = await caller(call)
  await guard(context)
  return context
}
