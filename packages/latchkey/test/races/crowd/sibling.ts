/** Replicas over one store that differ in their options, and what a test asks each of them. */
import { createAuth } from '../../../src/index.js'
import type { StoreUnderTest } from '../../../src/stores/conformance.js'
import { caller, ISSUER, SECRET } from '../../auth-kit.js'
import '../../cheap-passwords.mjs'
import { crowdOptions } from './crowd.js'

export const OLD = 'the password that was'

/** Replicas over one store, each with options of its own, and alice. */
export async function replicasOf(store: StoreUnderTest, own: readonly object[]) {
  const { clock } = store
  const replicas = own.map((options, index) => {
    const all = { ...crowdOptions, issuer: ISSUER, secret: SECRET, clock: () => clock.now, ...options }
    const auth = createAuth({ ...all, database: index === 0 ? store.stores : (store.reopen?.() ?? store.stores) })
    const call = caller(auth)
    return {
      auth,
      login: (password: string) => call('POST', '/auth/login', { body: { username: 'alice', password } }),
      refresh: (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } }),
      verify: (token: string) => call('POST', '/auth/verify', { body: { token } }),
      /** The same, by a read of the store that begins now. */
      check: (token: string): Promise<string> =>
        Promise.resolve(auth.tokens.verify(token))
          .then((verified) => auth.tokens.checkNow(verified))
          .then(() => 'good')
          .catch(({ code }) => code),
    }
  })
  await Promise.all(replicas.map(({ auth }) => auth.ready()))
  const [first] = replicas
  if (!first) throw new Error('no replica')
  const user = await first.auth.users.create({ username: 'alice', password: OLD })
  return { replicas, first, user, end }

  async function end(): Promise<void> {
    await Promise.all(replicas.map(({ auth }) => auth.close()))
    await store.cleanup()
  }
}
