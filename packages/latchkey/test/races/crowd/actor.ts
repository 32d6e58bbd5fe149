/** An actor of the race: signs in, refreshes, uses its tokens, and ends, changes and disables whatever anybody has. */
import type { Question } from './door.mjs'
import type { Access, Asked, Ending, Login } from './history.js'
import {
  type Act,
  type Answered,
  act,
  claimsOf,
  DECK,
  type Door,
  type Held,
  outcomeOf,
  passwordOf,
  type Scene,
  type Somebody,
} from './scene.js'

/** Once in so many acts everybody is out. */
const EVERYBODY_IN = 400
const MOST_GHOSTS = 3
/** Of what must not be left undone, where the store does not answer. */
const MOST_TRIES = 5

export function createActor(scene: Scene): { step(): Promise<void>; settle(): Promise<void> } {
  const { doors, people, sessions, history, chance } = scene
  const ghosts: Held[] = []
  let held: Held | undefined
  const acts: Readonly<Record<Act, (mine: Held) => Promise<unknown>>> = {
    refresh: (mine) => refresh(mine),
    doubleClick: (mine) => Promise.all([refresh(mine), refresh(mine), refresh(mine)]),
    // What a client does: a token that is refused is renewed, and a session that is over begins anew.
    use: async (mine) => (await use(mine.access)).outcome !== 'ok' && refresh(mine),
    useThatOfAnother: () => use(anyOf(sessions).access),
    check: (mine) => use(mine.access, undefined, true),
    login: () => login(anyOf(people)),
    async logout(mine) {
      const how = chance() < 0.5 ? { token: mine.access.token } : { body: { refresh_token: mine.refresh } }
      await endSession(mine, { method: 'POST', path: '/auth/logout', ...how })
      leave(mine)
    },
    logoutEverywhere: ({ somebody: { id }, access: { token } }) =>
      end({ kind: 'user', user: id }, { method: 'POST', path: '/auth/logout/everywhere', token }),
    revokeSession() {
      // One of the last, which mostly live.
      const one = sessions[Math.max(0, sessions.length - 1 - Math.floor(chance() * 20))] as Held
      return endSession(one, act('revoke', { session: one.session }))
    },
    revokeUser() {
      const { id } = anyOf(people)
      return end({ kind: 'user', user: id }, act('revoke', { user: id }))
    },
    revokeToken({ access: { jti } }) {
      return end({ kind: 'jti', jti }, act('revoke', { jti }))
    },
    // Its successor was used already: older than a retry.
    presentOld: async (mine) => mine.past.length > 1 && refresh(mine, undefined, false, mine.past.at(-2)),
    changePassword,
    setPassword: () => alone(anyOf(people), setPassword),
    keepOut: () => alone(anyOf(people), keepOut),
    async grant() {
      const { id, permissions } = anyOf(people)
      const permission = `p:${scene.next()}`
      const [asked] = await ask(act('grant', id, [permission]))
      history.changes.push({ ...asked, user: id, permission, given: true })
      if (asked.outcome === 'ok') permissions.push(permission)
    },
    async take() {
      const { id, permissions } = anyOf(people)
      const permission = permissions.shift()
      if (permission === undefined) return
      const [asked] = await ask(act('take', id, [permission]))
      history.changes.push({ ...asked, user: id, permission, given: false })
    },
  }
  return { step, settle }

  async function step(): Promise<void> {
    if (!held) return login(anyOf(people))
    const mine = held
    if (chance() < 1 / EVERYBODY_IN) await end({ kind: 'everyone' }, act('revoke', { everyone: true }))
    else await acts[anyOf(DECK)](mine)
  }

  /** Whatever ended is asked for once more, everywhere; and whoever signs in now is let in everywhere. */
  async function settle(): Promise<void> {
    const { somebody } = held ?? anyOf(sessions)
    for (const one of [...ghosts, ...(held ? [held] : [])]) {
      for (const at of doors.keys()) await use(one.access, at, true)
      await refresh(one, anyOf([...doors.keys()]), false)
    }
    await login(somebody)
    if (!held) return
    for (const at of doors.keys()) await use(held.access, at, true)
    for (const at of doors.keys()) if (held) await refresh(held, at)
  }

  async function login(somebody: Somebody): Promise<void> {
    const { id, username } = somebody
    // Now and then with the password of before, which is good for as long as the next one is not there.
    const version = Math.max(0, somebody.version - (chance() < 0.15 ? 1 : 0))
    const body = { username, password: passwordOf(username, version) }
    const [asked, answer] = await ask({ method: 'POST', path: '/auth/login', body })
    const session = answer?.access_token && claimsOf(answer.access_token).sid
    const login: Login = { ...asked, user: id, version, session }
    history.logins.push(login)
    if (asked.outcome !== 'ok') return
    if (held) leave(held)
    held = {
      session,
      somebody,
      refresh: answer.refresh_token,
      access: issued(answer.access_token, id, asked),
      past: [],
    }
    sessions.push(held)
  }

  async function refresh(one: Held, at?: number, goesOn = true, token = one.refresh): Promise<void> {
    const [asked, answer] = await ask({ method: 'POST', path: '/auth/refresh', body: { refresh_token: token } }, at)
    const successor = answer?.refresh_token
    history.renewals.push({ ...asked, session: one.session, token, successor })
    // An old token ends its session, and that is as good as any other end of it.
    const outcome = asked.code === 'refresh_reused' ? 'ok' : asked.outcome
    if (asked.code === 'refresh_reused' || outcome === 'unavailable')
      history.endings.push({ ...asked, outcome, kind: 'session', session: one.session })
    if (asked.outcome === 'refused') leave(one)
    if (asked.outcome !== 'ok') return
    const access = issued(answer.access_token, one.somebody.id, asked)
    if (!goesOn || one.refresh !== token) return
    one.past.push(token)
    Object.assign(one, { refresh: successor, access })
  }

  async function use(access: Access, at?: number, asks = false): Promise<Asked> {
    const { token } = access
    const [asked] = await ask(
      asks ? act('check', token) : { method: 'POST', path: '/auth/verify', body: { token } },
      at,
    )
    history.uses.push({ ...asked, access, asks })
    return asked
  }

  async function end(what: Omit<Ending, keyof Asked>, question: Question): Promise<Answered> {
    const at = anyDoor()
    const [asked, answer] = await ask(question, at)
    history.endings.push({ ...asked, ...what })
    // Here it is at once.
    if (held && chance() < 0.5) await use(held.access, at)
    return [asked, answer]
  }

  async function endSession(one: Held, question: Question): Promise<void> {
    await end({ kind: 'session', session: one.session }, question)
  }

  async function changePassword(mine: Held): Promise<void> {
    const { somebody, session, access } = mine
    await alone(somebody, async () => {
      const { id, username, version: before } = somebody
      const version = before + 1
      const body = { current_password: passwordOf(username, before), new_password: passwordOf(username, version) }
      const question = { method: 'POST', path: '/auth/password', token: access.token, body }
      const [asked, answer] = await end({ kind: 'user', user: id, spare: session, version }, question)
      if (asked.outcome === 'ok') {
        somebody.version = version
        const { access_token, refresh_token } = answer
        const next = issued(access_token, id, asked)
        if (mine.refresh === refresh_token) mine.access = next
      } else if (!/^(token_|login_failed)/.test(asked.code ?? '')) {
        // It was changed, and the session ended before the answer.
        somebody.version = version
        await setPassword(somebody)
      }
    })
  }

  async function setPassword(somebody: Somebody): Promise<void> {
    const { id, username } = somebody
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const version = ++somebody.version
      const question = act('setPassword', id, passwordOf(username, version))
      const [asked] = await end({ kind: 'user', user: id, version }, question)
      if (asked.outcome === 'ok') return
    }
  }

  async function keepOut({ id }: Somebody): Promise<void> {
    await end({ kind: 'user', user: id, disables: true }, act('disable', id))
    await login(people.find((one) => one.id === id) as Somebody)
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const [asked] = await ask(act('enable', id))
      history.enablings.push({ ...asked, user: id })
      if (asked.outcome === 'ok') return
    }
  }

  async function alone(somebody: Somebody, work: (somebody: Somebody) => Promise<void>): Promise<void> {
    if (somebody.busy) return
    somebody.busy = true
    await work(somebody)
    somebody.busy = false
  }

  function leave(one: Held): void {
    if (one !== held) return
    held = undefined
    ghosts.push(one)
    if (ghosts.length > MOST_GHOSTS) ghosts.splice(Math.floor(chance() * MOST_GHOSTS), 1)
  }

  function issued(token: string, user: string, issue: Asked): Access {
    const { sid, jti, permissions } = claimsOf(token)
    const access = { token, session: sid, user, jti, permissions, issue }
    history.issued.push(access)
    return access
  }

  async function ask(question: Question, at: number = anyDoor()): Promise<Answered> {
    const start = performance.now()
    const { status, body } = await (doors[at] as Door)(question)
    const asked = { start, end: performance.now(), at, outcome: outcomeOf(status), code: body?.code }
    return [asked, body]
  }

  function anyDoor(): number {
    return Math.floor(chance() * doors.length)
  }

  function anyOf<T>(list: readonly T[]): T {
    return list[Math.floor(chance() * list.length)] as T
  }
}
