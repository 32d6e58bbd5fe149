/** The judge of the race: decides over a recorded history, knowing what the actors saw and nothing of how it is done. */
import type { Access, Asked, Change, Ending, History, Login } from './history.js'

export type Rule =
  /** An answer that none of these questions has: a 500, or a refusal for a reason that nobody gave. */
  | 'odd'
  /** An access token is taken after the end of it, its session or its user was acknowledged. */
  | 'old token alive'
  /** A refresh succeeds after the end of its session was acknowledged. */
  | 'refreshed after its end'
  /** A disabled user, or an old password, is let in. */
  | 'let in'
  /** Somebody is refused whom nobody ended. */
  | 'lost'
  /** A token says what its user was not allowed any more, or not what he was allowed since. */
  | 'permission unseen'
  /** A token has two successors, or one after its successor was in use. */
  | 'forked'

export interface Finding {
  readonly rule: Rule
  readonly what: object
  readonly because?: object | undefined
}

/**
 * `reach`: within how many milliseconds of an acknowledgement another replica knows, without asking for it. On the same replica,
 * and wherever the store is asked, it is at once.
 */
export function judge(history: History, reach: number): readonly Finding[] {
  const { logins, issued, renewals, uses, endings, changes, enablings } = history
  const loginOf = new Map(logins.map((login) => [login.session, login]))
  const findings: Finding[] = []
  for (const one of Object.values(history).flat()) if ('outcome' in one && !isLawful(one)) find('odd', one)
  for (const login of logins) judgeLogin(login)
  judgeRenewals()
  judgeUses()
  for (const access of issued) find('permission unseen', access, unseen(access, access.issue, true))
  return findings

  /** Nothing, where there must be a reason and there is none. */
  function find(rule: Rule, what: object, because?: object | 'none'): void {
    if (because === 'none') return
    findings.push({ rule, what, because })
  }

  function judgeLogin(login: Login): void {
    const { user, version, start, end, outcome } = login
    const ofUser = endings.filter((one) => one.user === user)
    const newer = ofUser.filter((one) => (one.version ?? -1) > version)
    const isOut = (one: Ending) => enablings.every((on) => on.user !== user || on.end < one.start || on.start > end)
    const disabled = ofUser.filter(({ disables }) => disables)
    if (outcome === 'ok') {
      const against = [...newer, ...disabled.filter(isOut)].find((one) => isDone(one) && one.end < start)
      find('let in', login, against ?? 'none')
    } else if (outcome === 'refused') {
      const stood = version === 0 || ofUser.some((one) => one.version === version && isDone(one) && one.end < start)
      const over = (one: Ending) => enablings.some((on) => isAfter(on, one) && on.user === user && on.end < start)
      const cause = [...newer, ...disabled.filter((one) => !over(one))].some((one) => one.start < end)
      if (stood && !cause) find('lost', login)
    }
  }

  function judgeRenewals(): void {
    const successors = new Map<string, string>()
    for (const { token, successor } of renewals)
      if (successor) successors.set(token, successors.get(token) ?? successor)
    const used = new Map<string, number>()
    const tried = new Map<string, number>()
    const deadSince = new Map<string, number>()
    const least = (map: Map<string, number>, key: string, value: number) =>
      map.set(key, Math.min(map.get(key) ?? Infinity, value))
    for (const { token, session, start, end, outcome, code } of renewals) {
      least(tried, token, start)
      if (outcome === 'ok') least(used, token, end)
      // A user who is out for the moment is no end of the session.
      else if (outcome === 'refused' && code !== 'user_inactive') least(deadSince, session, end)
    }
    for (const one of renewals.filter(isAnswered)) {
      const login = loginOf.get(one.session) as Login
      const next = successors.get(one.token) ?? ''
      if (one.outcome === 'ok') {
        if (one.successor !== next) find('forked', one, { next })
        if ((used.get(next) ?? Infinity) < one.start) find('forked', one, { used: used.get(next) })
        const end = endings.find((ending) => isDone(ending) && ending.end < one.start && surelyEnds(ending, login))
        find('refreshed after its end', one, end ?? 'none')
        const dead = deadSince.get(one.session) ?? Infinity
        if (dead < one.start) find('refreshed after its end', one, { dead })
      } else if (one.code === 'refresh_reused') {
        if ((tried.get(next) ?? Infinity) > one.end) find('lost', one)
      } else if (!endings.some((ending) => ending.start < one.end && mayEnd(ending, login))) find('lost', one)
    }
  }

  function judgeUses(): void {
    for (const one of uses.filter(isAnswered)) {
      const { access } = one
      const login = loginOf.get(access.session) as Login
      if (one.outcome === 'ok') {
        const known = endings.filter((ending) => isDone(ending) && isKnown(ending, one))
        find('old token alive', one, known.find((ending) => surelyKills(ending, access, login)) ?? 'none')
        find('permission unseen', one, unseen(access, one, one.asks))
      } else if (one.code === 'token_stale') {
        if (!changes.some((change) => change.start < one.end && mayConcern(change, access))) find('lost', one)
      } else if (!endings.some((ending) => ending.start < one.end && mayKill(ending, access))) find('lost', one)
    }
  }

  function isKnown(what: Asked, to: Asked & { readonly asks?: boolean }): boolean {
    return what.end + (to.asks || what.at === to.at ? 0 : reach) < to.start
  }

  /** A change that this answer should have known of, and the token does not. */
  function unseen({ user, permissions }: Access, answer: Asked, asks: boolean): Change | 'none' {
    const ofUser = changes.filter((one) => one.user === user)
    const mayBeTaken = (name: string) =>
      ofUser.some(({ permission, given, start }) => permission === name && !given && start < answer.end)
    const isWrong = ({ permission, given }: Change) =>
      given ? !permissions.includes(permission) && !mayBeTaken(permission) : permissions.includes(permission)
    return ofUser.find((one) => isDone(one) && isKnown(one, { ...answer, asks }) && isWrong(one)) ?? 'none'
  }
}

/** The refusals that there are without a fault. */
const REFUSALS = new Set([
  'login_failed',
  'session_revoked',
  'refresh_reused',
  'user_inactive',
  'token_revoked',
  'token_stale',
])

const isLawful = ({ outcome, code }: Asked): boolean =>
  ['ok', 'conflict', 'unavailable'].includes(outcome) || (outcome === 'refused' && REFUSALS.has(code ?? ''))

const isAnswered = ({ outcome }: Asked): boolean => outcome !== 'unavailable'
const isDone = ({ outcome }: Asked): boolean => outcome === 'ok'
const isAfter = (one: Asked, other: Asked): boolean => isDone(one) && one.start > other.end

/** Whether this ending, once acknowledged, leaves no doubt that the session of this login is over. */
function surelyEnds(ending: Ending, login: Login): boolean {
  if (ending.kind === 'session') return ending.session === login.session
  if (ending.kind === 'jti' || ending.spare === login.session) return false
  return isOf(ending, login.user) && (login.end < ending.start || isOutdatedBy(ending, login))
}

/** A login with the old password looked at it before it was changed, and began before that. */
const isOutdatedBy = (ending: Ending, login: Login): boolean => (ending.version ?? -1) > login.version

/** Whether this ending can be why the session of this login is over. */
function mayEnd(ending: Ending, login: Login): boolean {
  if (ending.kind === 'session') return ending.session === login.session
  if (ending.kind === 'jti' || ending.spare === login.session) return false
  return isOf(ending, login.user) && ending.end > login.start
}

function surelyKills(ending: Ending, access: Access, login: Login): boolean {
  if (ending.kind === 'jti') return ending.jti === access.jti
  return surelyEnds(ending, login) || (isOf(ending, access.user) && access.issue.end < ending.start)
}

function mayKill(ending: Ending, access: Access): boolean {
  if (ending.kind === 'jti') return ending.jti === access.jti
  if (ending.kind === 'session') return ending.session === access.session
  return isOf(ending, access.user) && ending.end > access.issue.start
}

const isOf = ({ kind, user }: Ending, id: string): boolean => kind === 'everyone' || (kind === 'user' && user === id)

const mayConcern = (change: Change, { user, issue }: Access): boolean =>
  change.user === user && change.end > issue.start
