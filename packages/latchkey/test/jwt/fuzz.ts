/** Differential fuzzing against jose: what we accept jose accepts, with the same claims. Seeded, so that a finding can be run again. */
import { isDeepStrictEqual } from 'node:util'
import { jwtVerify } from 'jose'
import { AuthError } from '../../src/errors.js'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import { checkClaims, expectations } from '../../src/jwt/claims.js'
import { type Claims, parseJws, verifyJws } from '../../src/jwt/jws.js'
import { generateKey, type Key } from '../../src/jwt/key.js'
import { draw, mutated } from './mutate.js'

interface Finding {
  readonly seed: number
  readonly run: number
  readonly alg: string
  readonly token: string
  readonly what: 'we accept, jose rejects' | 'different claims' | 'not an AuthError'
}

export interface FuzzReport {
  readonly run: number
  /** Accepted by both; a fuzz in which this is nothing found nothing out. */
  readonly accepted: number
  /** Refused by us only: we are stricter on purpose. */
  readonly stricter: number
  readonly findings: readonly Finding[]
}

const now = 1_800_000_000
const iss = 'https://api.example.com'
const good = {
  iss,
  aud: iss,
  sub: 'alice',
  exp: now + 300,
  iat: now,
  jti: 'j1',
  scope: 'read write',
  n: [1, { a: null }],
}
const expected = expectations({ iss, audience: [iss], typ: ['at+jwt'] })

// Most runs go to the cheap algorithm: the parsers are the same for all.
const mix = [...Array<Algorithm>(13).fill('HS256'), 'HS512', 'RS256', 'EdDSA', 'ES256', 'ES256'] as const

/** Mutates `runs` tokens and compares every verdict. */
export async function fuzz(runs: number, seed: number): Promise<FuzzReport> {
  const random = draw(seed)
  const keys = new Map([...new Set(mix)].map((alg) => [alg, generateKey(alg)]))
  const findings: Finding[] = []
  const total = { accepted: 0, stricter: 0 }
  for (let run = 0; run < runs && findings.length < 10; run++) {
    const key = keys.get(random.pick(mix)) as Key
    const token = mutated(key, good, random)
    const ours = verdictOf(token, key)
    const theirs = await joseVerdict(token, key)
    const what = compare(ours, theirs)
    if (what !== undefined) findings.push({ seed, run, alg: key.alg, token, what })
    if (typeof ours === 'object' && typeof theirs === 'object') total.accepted++
    if (ours === 'refused' && typeof theirs === 'object') total.stricter++
  }
  return { run: runs, ...total, findings }
}

type Verdict = Claims | 'refused' | 'crashed'

function verdictOf(token: string, key: Key): Verdict {
  try {
    const jws = parseJws(token)
    const claims = verifyJws(jws, key)
    checkClaims(claims, jws.header, expected, now)
    return claims
  } catch (error) {
    return error instanceof AuthError ? 'refused' : 'crashed'
  }
}

async function joseVerdict(token: string, key: Key): Promise<Verdict> {
  try {
    const { payload } = await jwtVerify(token, key.public ?? key.material, {
      algorithms: [key.alg],
      issuer: iss,
      audience: iss,
      typ: 'at+jwt',
      currentDate: new Date(now * 1_000),
      clockTolerance: 5,
      requiredClaims: ['exp', 'sub'],
    })
    return payload
  } catch {
    return 'refused'
  }
}

function compare(ours: Verdict, theirs: Verdict): Finding['what'] | undefined {
  if (ours === 'crashed') return 'not an AuthError'
  if (ours === 'refused') return undefined
  if (theirs === 'refused') return 'we accept, jose rejects'
  return isDeepStrictEqual(ours, theirs) ? undefined : 'different claims'
}
