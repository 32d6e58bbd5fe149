/** A client with a session of its own: refreshes, retries, clicks twice, logs out, and now and then does what a thief would. */
import { password } from './world.mjs'

/** What a client does next, and how often among a hundred or so. */
const HABITS = {
  refresh: 50,
  doubleClick: 12,
  hastyDoubleClick: 12,
  lateDuplicate: 8,
  use: 8,
  haunt: 5,
  logout: 4,
  presentOld: 2,
  everywhere: 1,
  changePassword: 1,
}
const DECK = Object.entries(HABITS).flatMap(([name, often]) => Array(often).fill(name))

/** How many tokens of the past, and how many ended sessions, a client keeps. */
const MOST_PAST = 20
const MOST_GHOSTS = 200

/** `account` is shared by the clients of one user: the `version` of the password that stands, one that was `tried`, how many were `made`. */
export function createClient({ fleet, account, chance, history }) {
  const { user } = account
  const ghosts = []
  const loose = new Set()
  let held

  const acts = {
    refresh: () => present(held, held.refresh),
    doubleClick: () => Promise.all(clicks(2 + Math.floor(chance() * 3))),
    hastyDoubleClick,
    lateDuplicate,
    use: () => use(held),
    presentOld: async () => held.past.length > 0 && present(held, anyOf(held.past)),
    logout,
    everywhere: () => end({ kind: 'everywhere', user }, '/auth/logout/everywhere', { token: held.access }),
    changePassword,
    haunt: async () => ghosts.length > 0 && haunt(anyOf(ghosts)),
  }
  return { step, settle, rest: () => Promise.all(loose), refresh, access: () => held?.access }

  async function step() {
    if (!held) return login()
    await acts[anyOf(DECK)]()
  }

  /** Nothing is open any more, the own session is asked once more, and so are all that ended. */
  async function settle() {
    await Promise.all(loose)
    if (held) await present(held, held.refresh)
    for (const ghost of ghosts) await haunt(ghost)
  }

  /** Goes on with tokens that were made just now, if there is a session. */
  async function refresh() {
    if (held) await present(held, held.refresh)
  }

  async function login() {
    const { changing, tried } = account
    const version = tried !== undefined && chance() < 0.5 ? tried : account.version
    const body = { username: user, password: password(user, version) }
    const { answer, ...record } = await ask('POST', '/auth/login', { body })
    const login = { ...record, user, version, session: `${user} ${history.logins.length}`, token: undefined }
    history.logins.push(login)
    if (answer?.status !== 200) return
    held = { session: login.session, past: [], ...pair(answer) }
    login.token = held.refresh
    // Whether a change without an answer took place is known as soon as one of the two passwords is good.
    if (!changing && tried !== undefined && tried === account.tried)
      Object.assign(account, { version, tried: undefined })
  }

  async function present(holder, token) {
    const { answer, ...record } = await ask('POST', '/auth/refresh', { body: { refresh_token: token } })
    if (record.outcome === 'unsent') return
    const successor = answer?.status === 200 ? answer.body?.refresh_token : undefined
    history.presentations.push({ ...record, session: holder.session, token, successor })
    if (record.outcome === 'refused') leave(holder)
    if (successor === undefined || holder.refresh !== token) return
    holder.past = [...holder.past.slice(1 - MOST_PAST), token]
    Object.assign(holder, pair(answer))
  }

  function clicks(times) {
    return Array.from({ length: times }, () => present(held, held.refresh))
  }

  /** Goes on with the first answer while the other question is still under way. */
  async function hastyDoubleClick() {
    const both = clicks(2)
    for (const click of both) keepLoose(click)
    await Promise.race(both)
  }

  async function lateDuplicate() {
    const { refresh } = held
    await present(held, refresh)
    if (held) await present(held, refresh)
  }

  async function use(holder) {
    const { answer, ...record } = await ask('GET', '/auth/me', { token: holder.access })
    history.uses.push({ ...record, session: holder.session })
  }

  async function logout() {
    const how = chance() < 0.5 ? { token: held.access } : { body: { refresh_token: held.refresh } }
    const ghost = held
    await end({ kind: 'logout', user, session: held.session }, '/auth/logout', how)
    leave(ghost)
    await haunt(ghost)
  }

  async function changePassword() {
    // One at a time, and none before it is known what became of the last: somebody must know the password.
    if (account.tried !== undefined) return
    const version = ++account.made
    Object.assign(account, { changing: true, tried: version })
    const body = { current_password: password(user, account.version), new_password: password(user, version) }
    const holder = held
    const what = { kind: 'password', user, spare: holder.session, version }
    const answer = await end(what, '/auth/password', { token: holder.access, body })
    account.changing = false
    if (answer?.status === 200) Object.assign(account, { version, tried: undefined })
    // Refused for its credentials or a conflict it did not happen; refused because the session ended meanwhile it may have.
    if (/^(token_|login_failed|conflict)/.test(answer?.body?.code)) account.tried = undefined
    if (answer?.status === 200 && holder.refresh === answer.body.refresh_token) Object.assign(holder, pair(answer))
  }

  async function end(what, path, how) {
    const { answer, ...record } = await ask('POST', path, how)
    history.endings.push({ ...record, ...what })
    return answer
  }

  async function haunt(ghost) {
    await (chance() < 0.7 ? present(ghost, ghost.refresh) : use(ghost))
  }

  function leave(holder) {
    if (holder !== held) return
    held = undefined
    ghosts.push(holder)
    if (ghosts.length > MOST_GHOSTS) ghosts.splice(Math.floor(chance() * MOST_GHOSTS), 1)
  }

  function keepLoose(promise) {
    loose.add(promise)
    void promise.finally(() => loose.delete(promise))
  }

  async function ask(method, path, how) {
    const call = await fleet.up()
    const start = performance.now()
    const answer = await call(method, path, how)
    return { start, end: performance.now(), outcome: outcomeOf(answer), code: answer?.body?.code, answer }
  }

  function anyOf(list) {
    return list[Math.floor(chance() * list.length)]
  }
}

const pair = ({ body }) => ({ refresh: body.refresh_token, access: body.access_token })

/** `ok`, `refused` (401), `unavailable` (503), `lost` (no answer), `unsent`, or the status of anything else. */
function outcomeOf(answer) {
  if (answer === undefined) return 'lost'
  if (answer === 'refused') return 'unsent'
  return { 200: 'ok', 204: 'ok', 401: 'refused', 503: 'unavailable' }[answer.status] ?? `status ${answer.status}`
}
