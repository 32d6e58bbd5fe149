/** Finds the user of a token by name with every request, as django-graphql-jwt does: nobody, if that name is nobody's. */
import { AuthError } from '../../errors.js'
import type { Link } from '../../guard/authenticator.js'
import { jwt } from '../../guard/jwt.js'
import type { User, UserStore } from '../../stores/port.js'
import { claimsBehind } from '../../tokens/refused.js'
import type { Verified } from '../../tokens/verified.js'

/** What is known of a token, and by which its user is found. */
type Named = Pick<Verified, 'subject' | 'sessionId' | 'claims'>

/** Whoever is gone is a stranger; only who is shut out is told so. */
export function byName<U extends User>(): Link<U> {
  return (tools) => {
    const { tokens, users } = tools
    const link = jwt<U>()({ ...tools, tokens: { ...tokens, verify: named } })
    return {
      async authenticate(head, peer) {
        try {
          return await link.authenticate(head, peer)
        } catch (error) {
          if (error instanceof AuthError && error.reason === 'user_gone') return undefined
          throw error
        }
      },
    }

    async function named(token: string): Promise<Verified> {
      const known = await verifyNamed(() => tokens.verify(token), users)
      // By its name alone nobody could tell that its user was signed out everywhere.
      if (known.sessionId === undefined) await tokens.checkNow(known)
      return known
    }
  }
}

/** A good token, with the id of its user, who is there and active. Throws what verifying throws, and `user_inactive`. */
export async function verifyNamed<V extends Named, U extends User>(
  verify: () => V | Promise<V>,
  users: Pick<UserStore<U>, 'findByLogin'>,
): Promise<V> {
  const verified = await verifiedBy()
  const user = await active(verified.claims.username)
  // A name that was given to somebody else since: the token is of who had it then.
  if (!user || (verified.subject !== '' && user.id !== verified.subject))
    throw new AuthError('user_inactive', { reason: 'user_gone' })
  return verified.subject === '' ? { ...verified, subject: user.id } : verified

  async function verifiedBy(): Promise<V> {
    try {
      return await verify()
    } catch (error) {
      const claims = error instanceof AuthError && error.code === 'token_revoked' ? claimsBehind(error) : undefined
      // Shutting somebody out ends their tokens: that is then not the reason to be told.
      if (claims) await active(claims.username)
      throw error
    }
  }

  async function active(name: unknown): Promise<U | undefined> {
    const user = (await users.findByLogin(String(name)))?.user
    if (user?.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    return user
  }
}
