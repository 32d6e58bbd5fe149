/** Five planned rotations under load, minute by minute of a clock set by hand; answers everything that should not have been. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import type { KeyInfo } from '../../../src/keys/keyring.js'
import { type Pair, type Refused, type Replica, withFleet } from './fleet.js'

/** The cache of a stranger may be as old as the key set allows: `max-age=300`. */
const JWKS_SECONDS = 300
/** A replica signs with a ring that may be a minute old, and looks at half of that. */
const STEP_SECONDS = 30
const ROTATIONS = 5
const ROTATION_SECONDS = 420
/** All clocks of the fleet lie within this. */
const SPREAD_SECONDS = 4
const SECONDS = ROTATIONS * ROTATION_SECONDS + 450
/** One that errs is enough. */
const ERRING = 1
const CACHES = JWKS_SECONDS / STEP_SECONDS

type Signed = Pair & { readonly from: number; readonly until: number; readonly exp: number; readonly kid: string }

export interface Result {
  /** What a judge holds against the fleet; empty if all is well. */
  readonly findings: readonly string[]
  readonly kids: number
  readonly verified: number
}

export interface RotatingOptions {
  readonly database: string
  readonly replicas: number
  readonly variant?: string
  /** The second at which it ends. Default: when the last token of the last rotation is dead. */
  readonly end?: number
}

export function rotate({ database, replicas, variant = 'none', end = SECONDS }: RotatingOptions): Promise<Result> {
  const began = Math.floor(Date.now() / 1000)
  const all = Array.from({ length: replicas }, (_, index) => ({
    database,
    now: began,
    ahead: index % 2 === 0 ? 0 : (index % 4) - 1 === 0 ? SPREAD_SECONDS / 2 : -SPREAD_SECONDS / 2,
    // Half of them remember what they verified, half of them look at every key each time.
    tokenCache: index % 2 === 0 ? 0 : 10_000,
    revocation: { bound: '300s' },
    variant: index === ERRING ? variant : 'none',
  }))
  return withFleet(all, async (fleet) => {
    const findings: string[] = []
    const kids = new Set<string>()
    const caches: JSONWebKeySet[] = []
    let alive: Signed[] = []
    let verified = 0
    const sessions = await signIn(fleet)
    for (let second = STEP_SECONDS; second < end; second += STEP_SECONDS) {
      const now = began + second
      await Promise.all(fleet.map(({ ask }) => ask('set', now)))
      caches.push(await at(fleet, second / STEP_SECONDS).ask('jwks'))
      if (caches.length > CACHES) caches.shift()
      const isTime = second % ROTATION_SECONDS === STEP_SECONDS && second < ROTATIONS * ROTATION_SECONDS
      // All who do not err ask for it at the same time, while everybody signs and verifies.
      const sound = fleet.filter((_, index) => variant === 'none' || index !== ERRING)
      const rotating = isTime ? sound.map(({ ask }) => ask('rotate', false)) : []
      const refreshing = fleet.map((replica, index) => refreshAll(replica, sessions[index] ?? []))
      const [signed] = await Promise.all([Promise.all(refreshing), ...rotating])
      const fresh = signed.flat()
      alive = [...alive, ...fresh].filter(({ exp }) => exp > now + SPREAD_SECONDS)
      const known = await at(fleet, 0).ask<readonly KeyInfo[]>('list')
      for (const one of fresh) {
        kids.add(one.kid)
        findings.push(...misdated(one, known), ...(await unknownTo(one, caches, now)))
      }
      // At both ends of a life, or a run would take minutes.
      const asked = [...fresh, ...alive.filter(({ exp }) => exp <= now + SPREAD_SECONDS + 2 * STEP_SECONDS)]
      const tokens = asked.map(({ access }) => access)
      const refused = await Promise.all(fleet.map(({ ask }) => ask<Refused[]>('refused', tokens)))
      findings.push(...refused.flat().map(({ code }) => `second ${second}: a valid token was refused: ${code}`))
      verified += tokens.length * fleet.length
    }
    return { findings, kids: kids.size, verified }
  })
}

const at = (fleet: readonly Replica[], index: number): Replica => fleet[index % fleet.length] as Replica

async function signIn(fleet: readonly Replica[]): Promise<string[][]> {
  await at(fleet, 0).ask('user', 'alice')
  const pairs = await Promise.all(
    fleet.map(({ ask }) => Promise.all([ask<Pair>('issue', 'alice'), ask<Pair>('issue', 'alice')])),
  )
  return pairs.map((own) => own.map(({ refresh }) => refresh))
}

/** Puts the successors where the tokens were. */
async function refreshAll({ ask }: Replica, tokens: string[]): Promise<Signed[]> {
  return Promise.all(
    tokens.map(async (token, index) => {
      const signed = await ask<Signed>('refresh', token)
      tokens[index] = signed.refresh
      const { kid = '' } = decodeProtectedHeader(signed.access)
      return { ...signed, kid, exp: Number(decodeJwt(signed.access).exp) }
    }),
  )
}

/** A key signs from its first day to its last, by the clock of the process that signs. */
function misdated({ kid, from, until }: Signed, known: readonly KeyInfo[]): string[] {
  const key = known.find((one) => one.kid === kid)
  if (!key) return [`${kid} signed and is in no ring`]
  const { signFrom = Number.NaN, signUntil = Number.NaN } = key
  return signFrom <= until && from < signUntil
    ? []
    : [`${kid} signed at ${from}, and may from ${signFrom} to ${signUntil}`]
}

/** Whoever keeps the key set as long as he may has the key, since whenever he keeps it. */
async function unknownTo({ access, kid }: Signed, caches: readonly JSONWebKeySet[], now: number): Promise<string[]> {
  const options = { issuer: 'https://api.example.com', typ: 'at+jwt', currentDate: new Date(now * 1000) }
  const distinct = new Map(caches.map((cache) => [JSON.stringify(cache), cache]))
  const answers = [...distinct.values()].map((cache) =>
    jwtVerify(access, createLocalJWKSet(cache), options).catch((error: Error) => error),
  )
  const failed = (await Promise.all(answers)).filter((answer) => answer instanceof Error)
  return failed.map((error) => `jose refused a token of ${kid} with a key set that may still be kept: ${error.message}`)
}
