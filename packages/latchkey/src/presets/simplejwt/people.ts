/** Whom simplejwt lets in: the rule for active users, and the user that stateless authentication makes of the claims alone. */
import type { Link } from '../../guard/authenticator.js'
import { jwt } from '../../guard/jwt.js'
import { grants } from '../../guard/permissions.js'
import type { Claims } from '../../jwt/jws.js'
import type { User, UserStore } from '../../stores/port.js'
import type { ReadSettings, SimpleJwtMembers } from './settings.js'

type Rules = Pick<ReadSettings, 'checksActive' | 'hooks'>

/** The users table with `active` as the settings have it; `undefined` where they have it as it is. */
export function usersBy({
  checksActive,
  hooks,
}: Rules): (<U extends User>(users: UserStore<U>) => UserStore<U>) | undefined {
  const { USER_AUTHENTICATION_RULE: rule } = hooks
  if (checksActive && !rule) return undefined
  return <U extends User>(users: UserStore<U>): UserStore<U> =>
    Object.assign(Object.create(users) as UserStore<U>, {
      findById: async (id: string) => judged(await users.findById(id)),
      findByLogin: async (login: string) => {
        const found = await users.findByLogin(login)
        return found && { ...found, user: judged(found.user) as U }
      },
    })

  function judged<U extends User>(user: U | undefined): U | undefined {
    if (!user) return undefined
    const active = (!checksActive || user.active !== false) && (!rule || rule(user) === true)
    return active === (user.active !== false)
      ? user
      : Object.assign(Object.create(Object.getPrototypeOf(user)), user, { active })
  }
}

/** Authenticates by the claims alone: no user is loaded, and permissions are those that the token itself carries. */
export function stateless({
  claims: names,
  hooks,
}: Pick<ReadSettings, 'claims' | 'hooks'>): <U extends User>() => Link<U> {
  const userOf = hooks.TOKEN_USER_CLASS ?? tokenUser
  return <U extends User>(): Link<U> =>
    (tools) => {
      const tokens = jwt<U>()(tools)
      return {
        async authenticate(head, peer) {
          const context = await tokens.authenticate(head, peer)
          if (!context) return undefined
          const { claims } = context
          return {
            ...context,
            user: async () => userOf(claims) as unknown as U,
            can: async (permission) => grants(textsOf(claims.permissions), permission),
            belongs: async (group) => textsOf(claims.groups).includes(group),
          }
        },
      }
    }

  function tokenUser(claims: Claims): SimpleJwtMembers {
    const id = claims[names.user]
    return { username: '', is_staff: false, is_superuser: false, ...claims, id, pk: id, is_active: true }
  }
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [])
