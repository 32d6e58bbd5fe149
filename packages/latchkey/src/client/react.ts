/** The door for React: a component is rendered again when somebody signs in or out, in whatever tab. */
import { useSyncExternalStore } from 'react'
import type { Client, ClientUser, Identified } from './types.js'

/** Who is signed in, as a component sees it. */
export interface AuthState<U extends Identified = ClientUser> {
  readonly user: U | undefined
  /** See `Client.expiresAt`. */
  readonly expiresAt: number | undefined
  readonly isSignedIn: boolean
}

interface Store {
  subscribe(listener: () => void): () => void
  snapshot(): AuthState
}

/** On a server, and while a page that came from one wakes up, nobody is known. */
const NOBODY: AuthState<never> = Object.freeze({ user: undefined, expiresAt: undefined, isSignedIn: false })

const stores = new WeakMap<object, Store>()

/**
 * The state of a client, kept current. The first component that uses it finds out who is signed in (`client.ready()`). Rendered on a server
 * nobody is signed in, so that both renderings agree.
 *
 * @example
 * ```ts
 * import { createClient } from 'latchkey/client'
 * import { useAuth } from 'latchkey/client/react'
 * const api = createClient('/auth')
 * export function Greeting(): string {
 *   const { user } = useAuth(api)
 *   return user ? `Hello, ${user.id}` : 'Please sign in'
 * }
 * ```
 */
export function useAuth<U extends Identified>(client: Client<U>): AuthState<U> {
  const store = stores.get(client) ?? storeOf(client as Client<never>)
  stores.set(client, store)
  return useSyncExternalStore(store.subscribe, store.snapshot, () => NOBODY) as AuthState<never>
}

/** The same object until something changes, as React demands. */
function storeOf(client: Client<never>): Store {
  let state: AuthState = NOBODY
  return {
    subscribe(listener) {
      // Offline the page stays as it is; the next request finds out.
      client.ready().catch(() => {})
      return client.onChange(listener)
    },
    snapshot() {
      const { user, expiresAt } = client
      if (user !== state.user || expiresAt !== state.expiresAt)
        state = user ? Object.freeze({ user, expiresAt, isSignedIn: true }) : NOBODY
      return state
    },
  }
}
