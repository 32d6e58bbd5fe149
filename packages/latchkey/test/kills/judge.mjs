/** The judge: decides over a recorded history, knowing what the clients saw and nothing of how tokens are made. */

/**
 * The rules of refresh, over all that was asked and answered; times are milliseconds of one clock.
 *
 * 1. A question gets a successor, a refusal, 503, or no answer.
 * 2. All successors of one token are the same.
 * 3. Once a successor was used, or the grace period is over, its predecessor gets none.
 * 4. An ended session never again gives anything.
 * 5. Nobody is refused without a cause: somebody ended the session, or presented a token that was or may have been replaced.
 * 6. No answer and 503 change nothing of this for the next try.
 *
 * @returns how often which rule was broken, and the first findings in words
 */
export function judge(history, { graceSeconds }) {
  const graceMilliseconds = graceSeconds * 1000
  const verdict = { lost: 0, forks: 0, falseReuse: 0, resurrected: 0, odd: 0, findings: /** @type {object[]} */ ([]) }
  const [presentations, uses] = [history.presentations, history.uses].map((list) => grouped(list, 'session'))
  const endings = grouped(history.endings, 'user')
  const everything = [...history.logins, ...history.presentations, ...history.uses, ...history.endings]
  for (const one of everything) if (!isLawful(one)) find('odd', one)
  for (const one of history.presentations) if (one.outcome === 'ok' && !one.successor) find('odd', one)
  for (const login of history.logins) if (login.outcome === 'ok') judgeSession(login)
  for (const login of history.logins) judgePassword(login)
  return verdict

  function judgeSession(login) {
    const asked = presentations.get(login.session) ?? []
    const used = uses.get(login.session) ?? []
    const ends = (endings.get(login.user) ?? []).filter((one) => concerns(one, login))
    const { depths, forks } = follow(login, asked)
    for (const fork of forks) find('forks', fork)
    for (const old of takenAgain(asked, depths)) find('forks', old)

    const dead = Math.min(
      ...asked.filter(isRefused).map(({ end }) => end),
      ...ends.filter((one) => isSure(one, login)).map(({ end }) => end),
    )
    for (const one of [...asked, ...used]) if (one.outcome === 'ok' && one.start > dead) find('resurrected', one)

    // Whatever follows the first refusal follows from it: one session is lost once.
    const refused = asked.filter(isRefused).sort((a, b) => a.end - b.end)
    const bad = refused.find(
      (one) =>
        !hasCause(
          one,
          ends.filter(({ spare }) => spare !== login.session),
          asked,
          depths,
        ),
    )
    if (bad) find(bad.code === 'refresh_reused' ? 'falseReuse' : 'lost', bad)
    else for (const one of used) if (isRefused(one) && !hasCause(one, ends, asked, depths)) return find('lost', one)
  }

  /** The tokens of the past that got a successor although it was clear by then that they must not. */
  function takenAgain(asked, depths) {
    const usedAt = new Map()
    const first = new Map()
    for (const { outcome, token, end } of asked) {
      if (outcome !== 'ok') continue
      const before = depths.get(token) - 1
      usedAt.set(before, Math.min(usedAt.get(before) ?? Infinity, end))
      first.set(token, Math.min(first.get(token) ?? Infinity, end))
    }
    const tooLate = ({ token }) =>
      Math.min(usedAt.get(depths.get(token)) ?? Infinity, first.get(token) + graceMilliseconds + SLACK)
    return asked.filter((one) => one.outcome === 'ok' && one.start > tooLate(one))
  }

  function hasCause(refusal, ends, asked, depths) {
    if (ends.some(({ start }) => start < refusal.end)) return true
    const since = new Map()
    for (const { token, start } of asked) since.set(token, Math.min(since.get(token) ?? Infinity, start))
    const mayHaveBeenOld = (one) =>
      one.end > since.get(one.token) + graceMilliseconds - SLACK ||
      asked.some((other) => other.start < one.end && depths.get(other.token) > depths.get(one.token))
    return asked.some((one) => one.outcome !== 'ok' && one.start < refusal.end && mayHaveBeenOld(one))
  }

  function judgePassword(login) {
    const changes = (endings.get(login.user) ?? []).filter(({ kind }) => kind === 'password')
    const [own] = changes.filter(({ version }) => version === login.version)
    const newer = changes.filter(({ version }) => version > login.version)
    if (login.outcome === 'ok' && newer.some((one) => isAcknowledged(one) && one.end < login.start))
      find('resurrected', login)
    const stood = login.version === 0 || (own && isAcknowledged(own) && own.end < login.start)
    if (isRefused(login) && stood && !newer.some(({ start }) => start < login.end)) find('lost', login)
  }

  function find(rule, record) {
    verdict[rule]++
    if (verdict.findings.length < MOST_FINDINGS) verdict.findings.push({ rule, ...record })
  }
}

/** Clocks of whole seconds, and what a machine needs to get around to something. */
const SLACK = 3_000
const MOST_FINDINGS = 20
const KNOWN = new Set(['ok', 'refused', 'unavailable', 'lost', 'unsent'])

/** A password that somebody else's login renewed at the same moment is a conflict, and nothing was changed. */
const isLawful = ({ outcome, kind }) => KNOWN.has(outcome) || (kind === 'password' && outcome === 'status 409')
const isRefused = ({ outcome }) => outcome === 'refused'
const isAcknowledged = ({ outcome }) => outcome === 'ok'

/** Whether an ending can have met the session of this login: the spared one loses nothing but its access tokens. */
function concerns(ending, login) {
  if (ending.kind === 'logout') return ending.session === login.session
  return ending.end > login.start
}

/** Whether it is beyond doubt that this ended the session. */
function isSure(ending, login) {
  if (!isAcknowledged(ending) || ending.spare === login.session) return false
  return ending.kind === 'logout' || login.end < ending.start
}

/** How many successors lie between the login and each token; and the answers that made a second one. */
function follow(login, asked) {
  const depths = new Map([[login.token, 0]])
  const successors = new Map()
  const forks = []
  for (const one of asked.filter(({ outcome }) => outcome === 'ok').sort((a, b) => a.end - b.end)) {
    const known = successors.get(one.token) ?? one.successor
    if (known !== one.successor) forks.push(one)
    successors.set(one.token, known)
    if (!depths.has(one.successor)) depths.set(one.successor, (depths.get(one.token) ?? 0) + 1)
  }
  return { depths, forks }
}

function grouped(list, name) {
  const groups = new Map()
  for (const one of list) {
    const group = groups.get(one[name])
    if (group) group.push(one)
    else groups.set(one[name], [one])
  }
  return groups
}
