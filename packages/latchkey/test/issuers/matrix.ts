/** The matrix of goal G23: what tokens of two issuers claim, over what stands in the users table, and by rule what must come of it. */
import type { IssuerOptions } from '../../src/issuer-options.js'
import { COMPANY, company, partner, pemOf, row } from './kit.js'

const PARTNER = 'https://partner.example'

const mapped: Partial<IssuerOptions> = {
  username: 'preferred_username',
  email: 'email',
  attributes: { team: 'team' },
  newUsers: { points: 100_000, seconds: 60 },
}

/** The identity that a state is about belongs to the first; the second is an issuer that is trusted just as much. */
export const ISSUERS = [
  { id: 'company', iss: COMPANY, key: company.privateKey, options: row(mapped) },
  {
    id: 'partner',
    iss: PARTNER,
    key: partner.privateKey,
    options: row({ ...mapped, id: 'partner', issuer: PARTNER, keys: { pem: pemOf(partner.publicKey) } }),
  },
] as const

/** Somebody who is here before the token: the one that it would like to be. */
export interface Victim {
  readonly id: string
  readonly username: string
  readonly email: string
  /** Of their identity at the first issuer, where they have one. */
  readonly subject: string
}

/** What a token claims besides `iss`, `aud` and its dates. Only those with the victim's very subject are ever the victim. */
export const SHAPES: Readonly<Record<string, (victim: Victim) => Record<string, unknown>>> = {
  'a subject alone': ({ subject }) => ({ sub: subject }),
  'the same user name': ({ subject, username }) => ({ sub: subject, preferred_username: username }),
  'the same user name in capitals': ({ subject, username }) => ({
    sub: subject,
    preferred_username: username.toUpperCase(),
  }),
  'the same address, not verified': ({ subject, email }) => ({ sub: subject, email, email_verified: false }),
  'the same address, verified by a text': ({ subject, email }) => ({ sub: subject, email, email_verified: 'true' }),
  'the same address, verified': ({ subject, email }) => ({ sub: subject, email, email_verified: true }),
  'every right there is': ({ subject, username }) => ({
    ...{ sub: subject, preferred_username: username, is_admin: true, admin: true, roles: ['admin'] },
    ...{ permissions: ['*'], groups: ['admin'], scope: 'admin', active: true, realm_access: { roles: ['admin'] } },
  }),
  'names of the prototype': ({ subject }) => ({
    ...{ sub: subject, constructor: { id: 'x' }, toString: 'x' },
    ...JSON.parse('{"__proto__":{"admin":true,"permissions":["*"]}}'),
  }),
  'the id as its subject': ({ id, username }) => ({ sub: id, preferred_username: username }),
  'the user name as its subject': ({ username, email }) => ({ sub: username, email, email_verified: true }),
  'the address as its subject': ({ email }) => ({ sub: email, email, email_verified: true, preferred_username: email }),
  'the subject in capitals and with a space': ({ subject, username }) => ({
    sub: `${subject.toUpperCase()} `,
    preferred_username: username,
  }),
  'row and subject as its subject': ({ subject, id }) => ({ sub: `company:${subject}`, user_id: id, uid: id }),
}

/** What stands in the table, and what the identity of the first issuer is there: nobody, out, or the victim. */
export const STATES = {
  'nobody with that identity': { identity: undefined, admin: false },
  'an administrator': { identity: undefined, admin: true },
  'a user whose identity this is': { identity: 'linked', admin: false },
  'an administrator whose identity this is': { identity: 'linked', admin: true },
  'a disabled user whose identity this is': { identity: 'disabled', admin: false },
  'a deleted user whose identity this was': { identity: 'deleted', admin: false },
  'a user whose identity this was once': { identity: 'unlinked', admin: false },
} as const

export type State = (typeof STATES)[keyof typeof STATES]

/**
 * The rule: an identity is a row and a subject, to the letter. Who has it is the victim, or out with the victim; whoever has
 * another one, or that of another row, is somebody new.
 */
export function expected(state: State, issuerId: string, sub: unknown, victim: Victim): 'victim' | 'out' | 'new' {
  if (issuerId !== 'company' || sub !== victim.subject) return 'new'
  if (state.identity === 'linked') return 'victim'
  return state.identity === 'disabled' || state.identity === 'deleted' ? 'out' : 'new'
}
