/** A lane: one user with two sessions, who ends something somewhere, and looks on every replica what became of it. */
import { password, pause } from '../kills/world.mjs'

const KINDS = [
  'session',
  'user',
  'jti',
  'key',
  'permissions',
  'everyone',
  'logout',
  'everywhere',
  'password',
  'disabled',
]
/** How long the old tokens are presented at most where no moment is promised. */
const PATIENCE_MILLISECONDS = 30_000
/** One in so many endings is asked for once more, at another replica. */
const AGAIN = 0.2

/** `ledger` records everything; `settings` are those of revocation; `draw` is chance. */
export function createLane({ replicas, ledger, user, draw, settings }) {
  /** Of the password: the one that stands, and the last that was asked for. */
  let version = 0
  let asked = 0
  let id
  let sessions = []
  const ghosts = []
  const operators = {
    session: ({ session }) => ({ session }),
    user: ({ user }) => ({ user }),
    jti: ({ jti }) => ({ jti }),
    key: ({ kid }) => ({ key: kid }),
    permissions: ({ user }) => ({ permissions: user }),
    everyone: () => ({ everyone: true }),
  }
  return { round, good: () => sessions }

  /** Answers whether something ended. */
  async function round() {
    while (sessions.length < 2) sessions.push(await login())
    const kind = anyOf(KINDS)
    const old = [...sessions]
    const [victim, other] = draw() < 0.5 ? old : old.reverse()
    const ending = await end(kind, victim, somewhere())
    // Whatever it was answered: the account may be disabled although its sessions are not over yet.
    if (kind === 'disabled') await enable()
    if (ending.outcome !== 'ok') {
      // Somebody else was faster, with the key or with everybody.
      sessions = []
      return false
    }
    if (kind !== 'password' && kind !== 'disabled' && draw() < AGAIN) await end(kind, victim, somewhere())
    const over = kind === 'session' || kind === 'logout' || kind === 'jti' ? [victim] : old
    sessions = await goOn(kind, ending, victim, other)
    await observe(
      ending,
      over.filter((token) => kind !== 'key' || token.kid === victim.kid),
    )
    return true
  }

  async function end(kind, victim, replica) {
    const operation = operators[kind]
    const [path, how] = operation
      ? ['/operator', { body: { act: 'revoke', value: operation(victim) } }]
      : kind === 'disabled'
        ? ['/operator', { body: { act: 'disable', value: id } }]
        : ending(kind, victim)
    const { answer, ...record } = await ledger.ask(replica, 'POST', path, how)
    const { session, jti, kid } = victim
    const made = {
      ...record,
      kind,
      user: victim.user,
      session,
      jti,
      kid,
      by: replica.name,
      lags: [],
      body: answer?.body,
    }
    made.due = dueOf(made)
    ledger.endings.push(made)
    if (record.outcome === 'refused')
      ledger.shown.push({ ...record, code: asOfAccess(record.code), token: victim, replica: replica.name })
    return made
  }

  function ending(kind, { access, refresh }) {
    if (kind === 'everywhere') return ['/auth/logout/everywhere', { token: access }]
    if (kind === 'logout')
      return ['/auth/logout', draw() < 0.5 ? { token: access } : { body: { refresh_token: refresh } }]
    const body = { current_password: password(user, version), new_password: password(user, ++asked) }
    return ['/auth/password', { token: access, body }]
  }

  /** `effectiveBy` where it was told, else the bound after the acknowledgement. Infinity is null in JSON. */
  function dueOf({ end, body }) {
    if (body?.effectiveBy === null) return Number.POSITIVE_INFINITY
    if (body?.effectiveBy !== undefined) return body.effectiveBy * 1000 - Date.now() + performance.now()
    if (settings.whenStale === 'allow') return Number.POSITIVE_INFINITY
    return end + settings.boundSeconds * 1000
  }

  /** What the client does next, at once and anywhere; answers the tokens that have to be good from now on. */
  async function goOn(kind, ending, victim, other) {
    if (kind === 'password') {
      version = asked
      return [tokenOf(ending.body, ending, ending)]
    }
    if (kind === 'session' || kind === 'logout') return [other, await login()]
    const renewed = kind === 'jti' ? [victim] : kind === 'key' || kind === 'permissions' ? [victim, other] : []
    if (renewed.length === 0) return [await login()]
    const fresh = (await Promise.all(renewed.map(refreshed))).filter(Boolean)
    return kind === 'jti' ? [other, ...fresh] : fresh
  }

  async function enable() {
    const how = { body: { act: 'enable', value: id } }
    while ((await ledger.ask(somewhere(), 'POST', '/operator', how)).outcome !== 'ok') await pause(50)
  }

  async function login() {
    const body = { username: user, password: password(user, version) }
    const { answer, ...record } = await ledger.ask(somewhere(), 'POST', '/auth/login', { body })
    if (answer?.status === 200) return tokenOf(answer.body, record)
    // Too many at once is no refusal.
    if (record.outcome === 'unavailable') return pause(50).then(login)
    // The change took place, but the session that asked for it ended before it was answered.
    if (answer?.body?.code !== 'login_failed' || version === asked)
      throw new Error(`the login of ${user} was answered ${JSON.stringify(answer)}`)
    version = asked
    return login()
  }

  /** `undefined` where somebody ended the session meanwhile. */
  async function refreshed(token) {
    const { answer, ...record } = await ledger.ask(somewhere(), 'POST', '/auth/refresh', {
      body: { refresh_token: token.refresh },
    })
    if (answer?.status === 200) return tokenOf(answer.body, record)
    ledger.shown.push({ ...record, code: asOfAccess(record.code), token: { ...token, kid: undefined }, replica: 'any' })
  }

  function tokenOf({ access_token: access, refresh_token: refresh }, { start, end }, of) {
    const [header, claims] = access.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    id = claims.sub
    return { user: id, session: claims.sid, jti: claims.jti, kid: header.kid, start, end, of, access, refresh }
  }

  /** The old ones until they are refused everywhere, those that have to be good before and after that. */
  async function observe(ending, over) {
    const good = [...sessions]
    const everywhere = replicas.filter(({ serves }) => serves)
    for (const replica of replicas)
      if (!replica.serves) replica.waiting.push(...over.map((token) => ({ token, ending })))
    const show = () => Promise.all(everywhere.flatMap((replica) => good.map((token) => stands(replica, token))))
    await Promise.all([show(), ...everywhere.flatMap((replica) => over.map((token) => watch(replica, token, ending)))])
    const results = await show()
    // Whatever ended meanwhile, by somebody who ended everybody or a key, is of no more use.
    sessions = good.filter((_, n) => results.every((result, at) => at % good.length !== n || result))
    ghosts.push(...over)
    if (ghosts.length > 40) ghosts.splice(0, ghosts.length - 40)
    await stands(somewhere(), anyOf(ghosts))
  }

  async function stands(replica, token) {
    return !replica.serves || (await ledger.show(replica, token)).outcome === 'ok'
  }

  async function watch(replica, token, ending) {
    const until = Math.min(ending.due + 1000, ending.end + PATIENCE_MILLISECONDS)
    let taken = 0
    while (replica.serves) {
      const one = await ledger.show(replica, token)
      if (one.outcome === 'refused')
        return ending.lags.push({ replica: replica.name, taken, refused: one.end - ending.end })
      if (one.outcome === 'ok') taken = one.start - ending.end
      if (one.start > until) return ledger.unseen.push({ ...one, kind: ending.kind })
      await pause(Math.min(Math.max((one.end - ending.end) / 10, 2), 25))
    }
    replica.waiting.push({ token, ending })
  }

  function somewhere() {
    return anyOf(replicas.filter(({ serves }) => serves))
  }

  function anyOf(list) {
    return list[Math.floor(draw() * list.length)]
  }
}

/** A refresh token is refused for its session what an access token is refused for itself. */
const asOfAccess = (code) => (code === 'session_revoked' ? 'token_revoked' : code)
