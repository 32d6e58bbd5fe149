/** `latchkey token explain`: every check of the pipeline on one token, one by one, and then the pipeline itself. */
import { AuthError } from 'latchkey'
import {
  type Claims,
  checkClaims,
  type ExpectationsInput,
  expectations,
  type Jws,
  parseJws,
  verifyJws,
} from 'latchkey/jwt'
import { EXIT } from '../cli/failure.js'
import { date, plain } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import type { Config } from '../config/load.js'
import type { ServerAuth } from '../config/open.js'
import { attempt, bad, type Check, good, shown, unseen } from './checks.js'
import { explainForeign, rowOf, type Verdict } from './explain-foreign.js'
import { readToken } from './token.js'

export async function explainToken(task: Task): Promise<Answer> {
  const token = await readToken(task)
  const { checks, verdict } = await withAuth(task, async (auth) => {
    await auth.ready()
    const judged = await judge(auth, token)
    return conclude(await walk(auth, task, token, judged), judged)
  })
  const isGood = verdict === undefined
  const text = [...checks.map(line), '', isGood ? 'The token is good.' : `The token is refused: ${said(verdict)}`, '']
  return {
    value: { active: isGood, code: verdict?.code ?? null, reason: verdict?.reason ?? null, checks },
    text: text.join('\n'),
    exit: isGood ? EXIT.ok : EXIT.failed,
  }
}

const marks = new Map([
  [true, '✔'],
  [false, '✘'],
  [undefined, '·'],
])

const line = ({ name, ok, detail }: Check): string => `${marks.get(ok)} ${name.padEnd(9)} ${plain(detail)}`.trimEnd()

const said = ({ code, reason, hint, message }: AuthError): string =>
  `${code}${reason === undefined ? '' : ` (${reason})`}. ${hint ?? message}`

/** What the pipeline itself says: the same call as for every request. */
async function judge(auth: ServerAuth, token: string): Promise<Verdict> {
  try {
    return await auth.tokens.verify(token)
  } catch (error) {
    if (error instanceof AuthError && (error.status < 500 || error.code === 'issuer_unreachable')) return error
    throw error
  }
}

/** Whom a good token of another issuer stands for is asked after the pipeline: then that refuses it. */
function conclude(checks: readonly Check[], judged: Verdict) {
  if (judged instanceof AuthError) return { checks, verdict: judged }
  const isOut = judged.mapped !== undefined && checks.some(({ ok }) => ok === false)
  return { checks, verdict: isOut ? new AuthError('user_inactive') : undefined }
}

const LATER = ['key', 'signature', 'claims'] as const

/** In the order of the pipeline. Claims are looked at after the signature is proved, here as there. */
async function walk(auth: ServerAuth, task: Task, token: string, verdict: Verdict): Promise<readonly Check[]> {
  const jws = attempt(() => parseJws(token))
  if (jws instanceof AuthError) return [bad('form', jws), unseen('issuer'), ...LATER.map(unseen)]
  const { alg } = jws.header
  const form = good('form', `three parts of canonical base64url, ${token.length} characters, alg ${alg}`)
  const row = rowOf(auth, task.config().issuer, jws)
  if (row === 'own') return [form, good('issuer', 'this server'), ...(await walkOwn(auth, task, jws))]
  if (!row) return [form, { name: 'issuer', ok: false, detail: 'no row has its iss' }, ...LATER.map(unseen)]
  const said = task.config().said.issuers?.find(({ id, issuer }) => (id ?? issuer) === row.id)
  return [form, ...(await explainForeign(auth, { jws, info: row, said, verdict }))]
}

async function walkOwn(auth: ServerAuth, { config, io }: Task, jws: Jws): Promise<readonly Check[]> {
  const { kid, alg } = jws.header
  const key = await auth.keys.find(kid, alg)
  const named = kid === undefined ? 'the token names no key' : `kid ${kid}`
  if (!key)
    return [{ name: 'key', ok: false, detail: `${named}: not a key of this ring` }, ...LATER.slice(1).map(unseen)]
  const found = good('key', named)
  const claims = attempt(() => verifyJws(jws, key))
  if (claims instanceof AuthError) return [found, bad('signature', claims), unseen('claims')]
  const facts = { claims, jws, config: config(), now: io.clock() }
  return [found, good('signature', alg), ...claimChecks(facts), ...(await storeChecks(auth, claims))]
}

interface Facts {
  readonly claims: Claims
  readonly jws: Jws
  readonly config: Config
  readonly now: number
}

/** Each claim alone through the same function that judges them together, with every other expectation left out. */
function claimChecks({ claims, jws, config, now }: Facts): readonly Check[] {
  const audience = config.said.audience ?? [config.issuer]
  const rows: readonly (readonly [string, ExpectationsInput, string])[] = [
    ['typ', { typ: ['at+jwt'] }, 'at+jwt'],
    ['iss', { iss: config.issuer }, config.issuer],
    ['aud', { audience }, audience.join(' or ')],
    ['exp', { required: ['exp'] }, `later than ${date(now)}`],
    ['nbf', {}, `at most ${date(now)}`],
    ['iat', { required: ['iat'] }, `at most ${date(now)}`],
    ['sub', { required: ['sub'] }, 'an identifier'],
    ['jti', { required: ['jti'] }, 'an identifier'],
    ['sid', { required: ['sid'] }, 'an identifier'],
  ]
  return rows.flatMap(([name, expect, wanted]): Check[] => {
    const value = name === 'typ' ? jws.header.typ : claims[name]
    if (name === 'nbf' && value === undefined) return []
    const alone = value === undefined || name === 'typ' ? {} : { [name]: value }
    const usual = { audience: 'any', required: [], ...(name === 'aud' && { audience }), ...expect } as const
    const failed = attempt(() => checkClaims(alone, jws.header, expectations(usual), now))
    return [{ name, ok: failed === undefined, detail: failed ? `${shown(value)}, wanted ${wanted}` : shown(value) }]
  })
}

/** What the store says of the session and the user, for people: the pipeline asks its own memory of revocations. */
async function storeChecks(auth: ServerAuth, { sid, sub }: Claims): Promise<readonly Check[]> {
  const session = typeof sid === 'string' ? await auth.sessions.find(sid) : undefined
  const user = typeof sub === 'string' ? await auth.users.byId(sub) : undefined
  const ended = session?.session.endedBy ?? (session?.dead ? 'revoked' : undefined)
  return [
    session
      ? { name: 'session', ok: ended === undefined, detail: ended === undefined ? 'living' : `ended: ${ended}` }
      : { name: 'session', ok: false, detail: 'not in this store' },
    user
      ? { name: 'user', ok: user.active, detail: `${user.username}${user.active ? '' : ', disabled'}` }
      : { name: 'user', ok: false, detail: 'not in this store' },
  ]
}
