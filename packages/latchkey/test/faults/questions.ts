/** Everything that can be asked of a server: each route of the native surface, guarded routes of an application, and what strangers ask. */
import { PASSWORD } from '../auth-kit.js'
import type { Answer, Call, Sent, Server } from './kit.js'

/** What an answer rests on: nothing, the access token alone, a read of the database, a write; or it is asked by somebody who proves nothing. */
export type Needs = 'nothing' | 'token' | 'read' | 'write' | 'proof'

export interface Question {
  readonly needs: Needs
  /** The status while all is well. */
  readonly good: number
  readonly ask: () => Promise<Answer>
}

export type Questions = Readonly<Record<string, Question>>

/** Everybody who asks something, each with a session: nobody's question changes what another one is answered. */
export async function peopleOf({ auth }: Pick<Server, 'auth'>) {
  const known = new Map<string, Awaited<ReturnType<typeof make>>>()
  await Promise.all(['ann', 'hal'].map((name) => make(name, { password: PASSWORD })))
  await make('root', { permissions: ['sessions:*'] })
  await Promise.all(['bob', 'cid', 'dot', 'eve', 'fay', 'gus', 'ida', 'jon'].map((name) => make(name)))
  return (name: string) => known.get(name) as Awaited<ReturnType<typeof make>>

  async function make(username: string, more: object = {}) {
    const user = await auth.users.create({ username, ...more })
    // There is another one, for whoever ends the others.
    await auth.tokens.issue(user)
    const { access, refresh = '' } = await auth.tokens.issue(user)
    const made = { access, refresh, sessions: `/auth/users/${user.id}/sessions`, session: refresh.split('.')[0] }
    known.set(username, made)
    return made
  }
}

/** By name. Asked of whichever server `call` calls. */
export function questionsTo(call: Call, of: Awaited<ReturnType<typeof peopleOf>>): Questions {
  const [ann, bob] = [of('ann'), of('bob')]
  return {
    'the keys': row('nothing', 200, 'GET', '/.well-known/jwks.json'),
    'the metadata': row('nothing', 200, 'GET', '/.well-known/oauth-authorization-server'),
    'the description': row('nothing', 200, 'GET', '/auth/openapi.json'),

    'a route of the application': row('token', 200, 'GET', '/app', { token: ann.access }),
    'whether a token is good': row('token', 200, 'POST', '/auth/verify', { body: { token: ann.access } }),

    'a route that demands a read now': row('read', 200, 'GET', '/now', { token: ann.access }),
    'a login': row('write', 200, 'POST', '/auth/login', { body: { username: 'ann', password: PASSWORD } }),
    'a refresh': row('write', 200, 'POST', '/auth/refresh', { body: { refresh_token: bob.refresh } }),
    'a logout': row('write', 204, 'POST', '/auth/logout', { token: of('cid').access }),
    'a logout by refresh token': row('write', 204, 'POST', '/auth/logout', {
      body: { refresh_token: of('dot').refresh },
    }),
    'a logout everywhere': row('write', 204, 'POST', '/auth/logout/everywhere', { token: of('eve').access }),
    'who I am': row('read', 200, 'GET', '/auth/me', { token: ann.access }),
    'a password change': row('write', 200, 'POST', '/auth/password', {
      token: of('hal').access,
      body: { current_password: PASSWORD, new_password: `${PASSWORD} and another` },
    }),
    'my sessions': row('read', 200, 'GET', '/auth/sessions', { token: ann.access }),
    'the end of one of my sessions': row('write', 204, 'DELETE', `/auth/sessions/${of('fay').session}`, {
      token: of('fay').access,
    }),
    'the end of my other sessions': row('write', 204, 'DELETE', '/auth/sessions', { token: of('gus').access }),
    'the sessions of anybody': row('read', 200, 'GET', ann.sessions, { token: of('root').access }),
    'the end of one session of anybody': row('write', 204, 'DELETE', `${of('ida').sessions}/${of('ida').session}`, {
      token: of('root').access,
    }),
    'the end of all sessions of anybody': row('write', 204, 'DELETE', of('jon').sessions, {
      token: of('root').access,
    }),

    'no token': row('proof', 401, 'GET', '/app'),
    'a forged token': row('proof', 401, 'GET', '/app', { token: forged(ann.access) }),
    'whether a forged token is good': row('proof', 401, 'POST', '/auth/verify', {
      body: { token: forged(ann.access) },
    }),
    'a wrong password': row('proof', 401, 'POST', '/auth/login', { body: { username: 'ann', password: 'wrong' } }),
    'a forged refresh token': row('proof', 401, 'POST', '/auth/refresh', {
      body: { refresh_token: forged(bob.refresh) },
    }),
  }

  function row(needs: Needs, good: number, method: string, path: string, sent?: Sent): Question {
    return { needs, good, ask: () => call(method, path, sent) }
  }
}

const forged = (token: string): string => `${token.slice(0, -6)}AAAAAA`

/** Asks all at once; answers what was said to each. */
export async function askAll(questions: Questions): Promise<Readonly<Record<string, Answer>>> {
  const asked = Object.entries(questions).map(async ([name, { ask }]) => [name, await ask()] as const)
  return Object.fromEntries(await Promise.all(asked))
}

/** Asks one after the other. */
export async function askEach(questions: Questions): Promise<Readonly<Record<string, Answer>>> {
  const answers: Record<string, Answer> = {}
  for (const [name, { ask }] of Object.entries(questions)) answers[name] = await ask()
  return answers
}
