/** Processes over one store that take API tokens, with every look at the store counted. */
import type { AuthOptions } from '../../src/index.js'
import { apiToken, createAuth, jwt } from '../../src/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Account, Stores } from '../../src/stores/port.js'
import { headOfNode, type RequestHead } from '../../src/transport/head.js'
import { caller, ISSUER, SECRET } from '../auth-kit.js'

export const headOf = (...authorization: readonly string[]): RequestHead =>
  headOfNode({ method: 'GET', rawHeaders: authorization.flatMap((value) => ['Authorization', value]) })

export async function apiKit(options: Partial<AuthOptions<Account>> = {}) {
  const clock = { now: 1_700_000_000 }
  const stores = memoryStores({ clock: () => clock.now })
  const first = process()
  const user = await first.auth.users.create({ username: 'alice', permissions: ['posts:*', 'hr:read'] })
  return { clock, stores, user, ...first, process }

  /** `line`: how often each part of the store was asked, and whether the log answers, or finding a token has to wait. */
  function process(over: Partial<AuthOptions<Account>> = {}) {
    const line = {
      cut: false,
      finds: 0,
      touches: 0,
      users: 0,
      wait: undefined as Promise<void> | undefined,
      waitUser: undefined as Promise<void> | undefined,
    }
    const since: Stores['revocations']['since'] = async (...args) => {
      if (line.cut) throw new Error('connection refused')
      return stores.revocations.since(...args)
    }
    const find: Stores['apiTokens']['find'] = async (id) => {
      line.finds++
      const row = await stores.apiTokens.find(id)
      await line.wait
      return row
    }
    const touch: Stores['apiTokens']['touch'] = async (...args) => {
      line.touches++
      return stores.apiTokens.touch(...args)
    }
    const findById: Stores['users']['findById'] = async (id) => {
      line.users++
      const user = await stores.users.findById(id)
      await line.waitUser
      return user
    }
    const database: Stores = {
      ...stores,
      users: { ...stores.users, findById },
      apiTokens: { ...stores.apiTokens, find, touch },
      revocations: { ...stores.revocations, since },
    }
    const auth = createAuth({
      issuer: ISSUER,
      secret: SECRET,
      clock: () => clock.now,
      authenticators: [jwt(), apiToken()],
      ...options,
      ...over,
      database,
      users: undefined,
    })
    return { auth, line, call: caller(auth), enter: (token: string) => enter(auth, `Bearer ${token}`) }
  }
}

type Entered = Pick<Awaited<ReturnType<typeof createAuth>>, 'authenticate'>

/** 'good', the code of the refusal, or 'anonymous'. */
export async function enter(auth: Entered, ...authorization: readonly string[]): Promise<string> {
  const { context, failure } = await auth.authenticate(headOf(...authorization))
  return failure?.code ?? (context ? 'good' : 'anonymous')
}

/** The caller; throws why there is none. */
export async function callerOf(auth: Entered, token: string) {
  const { context, failure } = await auth.authenticate(headOf(`Bearer ${token}`))
  if (!context) throw failure ?? new Error('anonymous')
  return context
}
