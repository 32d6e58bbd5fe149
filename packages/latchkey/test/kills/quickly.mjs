/** Passwords as ever, but renewed with a hash that costs nothing: for servers that do not live long enough for good ones. */
import * as argon2 from '@node-rs/argon2'

export const quickly = {
  name: 'quickly',
  async login({ login, password }, { users }) {
    const found = await users.findByLogin(login)
    if (!found || !(await argon2.verify(found.passwordHash, password))) return undefined
    if (!found.passwordHash.includes('$m=8,'))
      await users.setPasswordHash(
        found.user.id,
        await argon2.hash(password, { memoryCost: 8, timeCost: 1 }),
        found.passwordHash,
      )
    return found.user
  },
}
