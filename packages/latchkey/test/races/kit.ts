/** What the races share: a signed-in user over any store, stores that can be interfered with, and tokens taken apart. */
import { type AuthOptions, createAuth } from '../../src/index.js'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import type { Account, Stores } from '../../src/stores/port.js'
import { caller, ISSUER, SECRET, signedIn } from '../auth-kit.js'
import { memory, sqlite } from '../stores/kit.js'

type Options = Partial<AuthOptions<Account>>

export const makers: Readonly<Record<string, () => Promise<StoreUnderTest>>> = { memory, SQLite: sqlite }

/** Runs before every method of every port, by `port.method`; what it throws, the method throws. */
type Before = (name: string, given: readonly unknown[]) => unknown

export function intercepted(stores: Stores, before: Before): Stores {
  const { users, sessions, revocations, keys } = stores
  return {
    ...stores,
    users: port('users', users),
    sessions: port('sessions', sessions),
    revocations: port('revocations', revocations),
    keys: port('keys', keys),
  }

  function port<P extends object>(name: string, methods: P): P {
    const wrapped = Object.entries(methods).map(([method, run]) => [
      method,
      async (...given: unknown[]) => {
        await before(`${name}.${method}`, given)
        return run(...given)
      },
    ])
    return Object.fromEntries(wrapped) as P
  }
}

export type World = Awaited<ReturnType<typeof world>>

/** Alice, signed in over this store. */
export async function world(store?: StoreUnderTest, options: Options = {}, before?: Before) {
  const { stores, clock, cleanup } = store ?? (await memory())
  const database = before ? intercepted(stores, before) : stores
  const kit = await signedIn({ database, clock: () => clock.now, ...options })
  return { ...kit, clock, stores, ...doors(kit.call), end }

  async function end(): Promise<void> {
    await kit.auth.close()
    await cleanup()
  }
}

/** Another process over the same store. */
export function replica(stores: Stores, clock: { now: number }, options: Options = {}) {
  const auth = createAuth({
    issuer: ISSUER,
    secret: SECRET,
    clock: () => clock.now,
    ...options,
    database: stores,
    users: undefined,
  })
  const call = caller(auth)
  return { auth, call, ...doors(call) }
}

function doors(call: ReturnType<typeof caller>) {
  return {
    refresh: (refresh_token: unknown, token?: string) =>
      call('POST', '/auth/refresh', { body: { refresh_token }, token }),
    me: (token: string) => call('GET', '/auth/me', { token }),
  }
}

/** Status and code of an answer, as the tests compare them. */
export const said = ({ status, body }: { status: number; body?: { code?: string } }) => [status, body?.code]

/** Presents a token and answers its successor. */
export async function rotated(from: Pick<World, 'refresh'>, token: string): Promise<string> {
  const { status, body } = await from.refresh(token)
  if (status !== 200) throw new Error(`refused: ${body.code}`)
  return body.refresh_token
}

/** `sid`, generation and MAC of a refresh token. */
export const partsOf = (token: string) => token.split('.') as [sid: string, generation: string, mac: string]
