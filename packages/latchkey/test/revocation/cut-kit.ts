/** What the tests of several processes share: one store, and processes over it that a test cuts off from its log. */
import type { AuthOptions } from '../../src/index.js'
import { createAuth } from '../../src/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Account, Stores } from '../../src/stores/port.js'
import type { TokenService } from '../../src/tokens/service.js'
import { caller, ISSUER, SECRET } from '../auth-kit.js'

export async function cluster(options: Partial<AuthOptions<Account>> = {}) {
  const clock = { now: 1_700_000_000 }
  const stores = memoryStores({ clock: () => clock.now })
  const first = process()
  const user = await first.auth.users.create({ username: 'alice', permissions: ['posts:read'] })
  return { clock, stores, user, first, process, login }

  /** `line.cut`: its log answers nobody; `line.ringCut`: nor does its keyring. `line.reads`: how often the log was read. */
  function process(over: Partial<AuthOptions<Account>> = {}) {
    const line = { cut: false, ringCut: false, reads: 0 }
    const since: Stores['revocations']['since'] = async (...args) => {
      line.reads++
      if (line.cut) throw new Error('connection refused')
      return stores.revocations.since(...args)
    }
    const load: Stores['keys']['load'] = async () => {
      if (line.ringCut) throw new Error('connection refused')
      return stores.keys.load()
    }
    const keys = { ...stores.keys, load }
    const database = { ...stores, keys, revocations: { ...stores.revocations, since } }
    const all = { issuer: ISSUER, secret: SECRET, clock: () => clock.now, ...options, ...over, database }
    const auth = createAuth({ ...all, users: undefined })
    const events: string[] = []
    auth.events.on('revocation.stalled', () => void events.push('stalled'))
    auth.events.on('revocation.resumed', () => void events.push('resumed'))
    return { auth, line, events, call: caller(auth), verify: (token: string) => verdict(auth, token) }
  }

  /** Tokens as a login hands them out, without the price of a password. */
  async function login(who = user, at = first) {
    const { access, refresh = '' } = await at.auth.tokens.issue(who)
    return { access_token: access, refresh_token: refresh }
  }
}

/** 'good', or the code of the refusal. */
async function verdict(auth: { readonly tokens: Pick<TokenService, 'verify'> }, token: string): Promise<string> {
  try {
    await auth.tokens.verify(token)
    return 'good'
  } catch (error) {
    return (error as { code: string }).code
  }
}
