/** Finds the user of a token by name with every request, as django-graphql-jwt does: nobody, if that name is nobody's. */
import { AuthError } from '../../errors.js'
import type { Link } from '../../guard/authenticator.js'
import { jwt } from '../../guard/jwt.js'
import type { User, UserStore } from '../../stores/port.js'
import { claimsBehind } from '../../tokens/refused.js'
import type { TokenService } from '../../tokens/service.js'
import type { Verified } from '../../tokens/verified.js'

interface Tools<U extends User> {
  readonly tokens: Pick<TokenService<U>, 'verify'>
  readonly users: Pick<UserStore<U>, 'findByLogin'>
}

/** Whoever is gone is a stranger; only who is shut out is told so. */
export function byName<U extends User>(): Link<U> {
  return (tools) => {
    const { tokens } = tools
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
      const known = await verifyNamed(token, tools)
      // By its name alone nobody could tell that its user was signed out everywhere.
      if (known.sessionId === undefined) await tokens.checkNow(known)
      return known
    }
  }
}

/** A good token, with the id of its user, who is there and active. Throws the `token_*` codes and `user_inactive`. */
export async function verifyNamed<U extends User>(token: string, { tokens, users }: Tools<U>): Promise<Verified> {
  const verified = await verify()
  const user = await active(verified.claims.username)
  // A name that was given to somebody else since: the token is of who had it then.
  if (!user || (verified.subject !== '' && user.id !== verified.subject))
    throw new AuthError('user_inactive', { reason: 'user_gone' })
  return verified.subject === '' ? { ...verified, subject: user.id } : verified

  async function verify(): Promise<Verified> {
    try {
      return await tokens.verify(token)
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
