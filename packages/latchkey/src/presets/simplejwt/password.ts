/** CHECK_REVOKE_TOKEN: tokens carry a fingerprint of the password that they were obtained with, and end when it is another. */
import { createHash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import type { Link } from '../../guard/authenticator.js'
import type { Claims } from '../../jwt/jws.js'
import type { AccountStore, User, UserStore } from '../../stores/port.js'
import { claimsBehind } from '../../tokens/refused.js'
import { hmacSha256, sha256 } from '../../util/bytes.js'
import { withUser } from '../with-user.js'
import type { ReadSettings } from './settings.js'

type Users = Pick<UserStore, 'findById' | 'findByLogin'>

export interface Passwords {
  /** The claim of new tokens. */
  claim(user: User, users: Pick<Users, 'findByLogin'>): Promise<Claims>
  /** Whether the user whom claims name has another password now than when they were made. */
  changed(claims: Claims, users: Users): Promise<boolean>
  /**
   * The same of a token that nothing else is against. In our own table a new password has ended the sessions of the old one, so of their
   * tokens nothing is asked: there only the hash has another form since the last login.
   */
  outdated(claims: Claims, users: Users): Promise<boolean>
}

const refusals = new WeakSet<Error>()

/** The refusal of a token whose user has another password now. */
export function passwordChanged(): AuthError {
  const error = new AuthError('token_revoked', { reason: 'revoked', hint: 'the password was changed' })
  refusals.add(error)
  return error
}

export const isPasswordChanged = (error: AuthError): boolean => refusals.has(error)

export function createPasswords({
  passwordClaim: claim,
  claims: names,
  signingKeys,
}: ReadSettings): Passwords | undefined {
  if (claim === undefined) return undefined
  const passwordClaim: string = claim
  const [newest, ...older] = signingKeys.map((one) => sha256(`the key of password fingerprints ${one}`)) as [
    Buffer,
    ...Buffer[],
  ]
  return {
    claim: async (user, users) => ({ [passwordClaim]: keyed(newest, await hashOf(user, users)) }),
    changed,
    outdated: async (claims, users) => (claims.sid === undefined || !isOurs(users)) && (await changed(claims, users)),
  }

  async function changed(claims: Claims, users: Users): Promise<boolean> {
    const user = await users.findById(String(claims[names.user]))
    if (!user) return false
    const hash = await hashOf(user, users)
    // The original's own is not keyed: whoever reads two of its tokens can tell whether two people have one hash.
    return ![...[newest, ...older].map((key) => keyed(key, hash)), digest(hash)].includes(
      claims[passwordClaim] as string,
    )
  }
}

const keyed = (key: Buffer, hash: string): string => hmacSha256(key, hash).toString('hex').slice(0, 32).toUpperCase()

/** Of the users tables only ours knows the first administrator. */
const isOurs = (users: Users): boolean => typeof (users as Partial<AccountStore>).offerBootstrap === 'function'

/** As the original has it, for the tokens that it made. */
const digest = (hash: string): string => createHash('md5').update(hash).digest('hex').toUpperCase()

async function hashOf(user: User, users: Pick<Users, 'findByLogin'>): Promise<string> {
  const { username, email } = user as { readonly username?: unknown; readonly email?: unknown }
  const found = await users.findByLogin(String(username ?? email ?? user.id))
  return found?.user.id === user.id ? (found.passwordHash ?? '') : ''
}

/** As `withUser`, and looks at the password. */
export function withPassword(passwords: Passwords, { type }: ReadSettings['claims']): <U extends User>() => Link<U> {
  return <U extends User>(): Link<U> =>
    (tools) => {
      const loaded = withUser<U>()(tools)
      return { authenticate }

      async function authenticate(...given: Parameters<typeof loaded.authenticate>) {
        const context = await Promise.resolve(loaded.authenticate(...given)).catch(explain)
        // Tokens of other issuers know nothing of passwords here.
        if (context?.claims[type] === undefined) return context
        if (await passwords.outdated(context.claims, tools.users)) throw passwordChanged()
        return context
      }

      /** A new password ends the sessions of the old one: whoever has a token of those is told why. */
      async function explain(error: unknown): Promise<never> {
        const claims = error instanceof AuthError && error.code === 'token_revoked' && claimsBehind(error)
        if (claims && (await passwords.changed(claims, tools.users))) throw passwordChanged()
        throw error
      }
    }
}
