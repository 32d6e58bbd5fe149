/** The judge of revocations: decides over a recorded history, knowing what was presented where and nothing of how it is found out. */

/**
 * The promises of revocation, over all that was ended and presented; times are milliseconds of one clock.
 *
 * - `missed`: an ended token is taken by the replica that ended it, after the acknowledgement; or by any, after `due`.
 * - `behind`: an ended token is taken by a replica that was stopped for longer than the bound, and resumed after the end was acknowledged.
 * - `wronged`: a token is refused that nobody ended, or for another reason than the one there is.
 * - `unavailable`: 503, where the store can be asked.
 * - `odd`: an answer that is none of these.
 *
 * A replica that denies may answer 503 until the log is read again. One that allows promises nothing at its first request.
 *
 * @returns how often which was broken, and the first findings in words
 */
export function judge({ shown, endings, stops }, { boundSeconds, whenStale = 'ask-store' }) {
  const verdict = {
    missed: 0,
    behind: 0,
    wronged: 0,
    unavailable: 0,
    odd: 0,
    findings: /** @type {{ rule: string }[]} */ ([]),
  }
  const boundMilliseconds = boundSeconds * 1000
  const causesOf = remembered((token) => endings.filter((ending) => mayConcern(ending, token)))
  const endsOf = remembered((token) => causesOf(token).filter((ending) => surelyEnds(ending, token)))
  for (const one of shown) judgeOne(one)
  for (const ending of endings) judgeEnding(ending)
  return verdict

  function judgeOne(one) {
    if (one.outcome === 'ok') return judgeTaken(one)
    if (one.outcome === 'refused') return hasCause(one) || find('wronged', one)
    if (one.outcome !== 'unavailable') return find('odd', one)
    if (!isDenied(one, one.replica)) find('unavailable', one)
  }

  function judgeEnding(ending) {
    if (ending.outcome !== 'unavailable') return isLawful(ending) || find('odd', ending)
    if (!isDenied(ending, ending.by)) find('unavailable', ending)
  }

  function judgeTaken(one) {
    const ends = endsOf(one.token)
    const over = ({ by, end, due }) => one.start > (by === one.replica ? end : due)
    if (ends.some(over)) return find('missed', one)
    if (whenStale !== 'allow' && ends.some((ending) => mustBeKnown(ending, one))) find('behind', one)
  }

  function mustBeKnown({ end }, { replica, start, end: answered }) {
    return stops.some(
      ({ replica: stopped, from, to }) =>
        stopped === replica && to - from > boundMilliseconds + SLACK && to < answered && end < to && end < start,
    )
  }

  function isDenied({ outcome, start, end }, replica) {
    if (whenStale !== 'deny' || outcome !== 'unavailable') return false
    return stops.some(
      ({ replica: stopped, to }) => stopped === replica && to < end && start < to + boundMilliseconds + SLACK,
    )
  }

  function hasCause({ token, end, code }) {
    return causesOf(token).some(({ kind, start }) => start < end && reasons(kind).includes(code))
  }

  function find(rule, record) {
    verdict[rule]++
    const causes = record.token && causesOf(record.token).map(inWords)
    if (verdict.findings.length < MOST_FINDINGS) verdict.findings.push({ rule, ...inWords({ ...record, causes }) })
  }
}

/** Without the tokens, which say nothing to whoever reads it. */
function inWords({ token, start, end, kind, by, replica = by, outcome, code, causes }) {
  const issued = token && [token.start, token.end].map(Math.round)
  return { start: Math.round(start), end: Math.round(end), kind, replica, outcome, code, issued, causes }
}

/** What a machine needs to get around to something. */
const SLACK = 500
const MOST_FINDINGS = 20

/** Who ends a key that another has just ended finds none. */
const isLawful = ({ outcome, kind }) =>
  ['ok', 'refused'].includes(outcome) || (kind === 'key' && outcome === 'status 404')

/** A token of a key that is gone is not ours any more. */
function reasons(kind) {
  if (kind === 'permissions') return ['token_stale']
  return kind === 'key' ? ['token_revoked', 'token_invalid'] : ['token_revoked']
}

/** What of a token has to be that of an ending, by its kind. */
const SAME = { session: 'session', logout: 'session', jti: 'jti', key: 'kid', everyone: undefined }

function isNamed(ending, token) {
  const name = Object.hasOwn(SAME, ending.kind) ? SAME[ending.kind] : 'user'
  return name === undefined || ending[name] === token[name]
}

/** A stolen key signs what it likes: its end takes along what it signs afterwards. */
const mayConcern = (ending, token) =>
  isNamed(ending, token) && ending !== token.of && (ending.kind === 'key' || token.start < ending.end)

const surelyEnds = (ending, token) => ending.outcome === 'ok' && (ending.kind === 'key' || token.end < ending.start)

function remembered(work) {
  const known = new Map()
  return (key) => {
    if (!known.has(key)) known.set(key, work(key))
    return known.get(key)
  }
}
