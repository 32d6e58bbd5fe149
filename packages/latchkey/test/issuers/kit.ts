/** Another issuer beside an auth: it signs what a test wants, and the auth takes its tokens by PEM. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { type AuthOptions, createAuth } from '../../src/index.js'
import type { IssuerOptions } from '../../src/issuer-options.js'
import type { Account } from '../../src/stores/port.js'
import { caller, ISSUER, SECRET } from '../auth-kit.js'

export const COMPANY = 'https://login.company.example'
export const START = 1_700_000_000

/** A pair of keys for RS256, made once: making them takes longer than most tests. */
export const company = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const partner = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string

/** The row of the company, as most tests want it. */
export const row = (more: Partial<IssuerOptions> = {}): IssuerOptions => ({
  id: 'company',
  issuer: COMPANY,
  keys: { pem: pemOf(company.publicKey) },
  audience: ISSUER,
  ...more,
})

export interface Minting {
  readonly key?: KeyObject
  readonly alg?: string
  readonly header?: Record<string, unknown>
}

/** Signs claims over good ones; a claim that is `undefined` is left out. */
export async function mint(claims: Record<string, unknown> = {}, minting: Minting = {}): Promise<string> {
  const { key = company.privateKey, alg = 'RS256', header = {} } = minting
  const good = { iss: COMPANY, aud: ISSUER, sub: 'u-1', iat: START, exp: START + 300 }
  const all = Object.fromEntries(Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined))
  return await new SignJWT(all).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(key)
}

/** An auth that takes the tokens of these rows, its clock, and a way to ask who a token stands for. */
export function trusting(issuers: AuthOptions['issuers'], options: Partial<AuthOptions<Account>> = {}) {
  const clock = { now: START }
  const auth = createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    ...(issuers && { issuers }),
    ...options,
    users: undefined,
  })
  return { auth, clock, call: caller(auth), whoIs: whoIs(auth) }
}

/** Who a bearer is: the context, or the code of the refusal. */
export function whoIs(auth: Pick<ReturnType<typeof createAuth>, 'authenticate'>) {
  return async (token: string) => {
    const header = (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined)
    const { context, failure } = await auth.authenticate({ method: 'GET', header })
    return { context, code: failure?.code, reason: failure?.reason, failure }
  }
}
