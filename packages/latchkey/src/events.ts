/** The event map and a small typed emitter whose listeners can neither delay nor break a request. */
import type { AuthError } from './errors.js'
import type { Claims } from './jwt/jws.js'
import type { User } from './stores/port.js'
import type { RequestHead } from './transport/head.js'

/** What each event carries besides its own facts: the request and the caller, where there are any. */
export interface Occasion {
  readonly head?: RequestHead | undefined
  readonly userId?: string | undefined
  readonly user?: User | undefined
  readonly claims?: Claims | undefined
  readonly sessionId?: string | undefined
}

/** Every event by name (`noun.past`) with its facts. No token, password or key is ever in one. */
export interface EventMap {
  'login.succeeded': Occasion & { readonly by: string }
  'login.failed': Occasion & { readonly error: AuthError; readonly login: string | undefined }
  'session.refreshed': Occasion & { readonly generation: number }
  /** A refresh token of another system, signed with our key, was used for the first time. */
  'session.adopted': Occasion
  /** A retry inside the grace period got the same successor. */
  'session.retried': Occasion & { readonly generation: number }
  'session.reused': Occasion & { readonly generation: number }
  /** `everyone`: every session there was. */
  'session.revoked': Occasion & { readonly because: string; readonly everyone?: true }
  /** The database is older than what this process knows: a backup came back. */
  'store.rewound': Occasion
  /** What this process knows of revocations is older than the bound. */
  'revocation.stalled': Occasion & { readonly lagSeconds: number }
  /** It is recent again. */
  'revocation.resumed': Occasion & { readonly lagSeconds: number }
  'token.verified': Occasion
  'token.rejected': Occasion & { readonly error: AuthError }
  'token.revoked': Occasion & { readonly jti: string }
  'api-token.created': Occasion & { readonly apiToken: string }
  /** `everyone`: every API token there was. */
  'api-token.revoked': Occasion & { readonly apiToken?: string; readonly everyone?: true }
  'user.created': Occasion
  /** A good token of another issuer was the first of its subject. `issuer`: the id of the row. */
  'user.provisioned': Occasion & { readonly issuer: string }
  'password.changed': Occasion
  'key.rotated': Occasion & { readonly kid: string }
  'key.revoked': Occasion & { readonly kid: string }
}

/** What there is to listen to: `noun.past`. */
export type EventName = keyof EventMap
/** A listener; what it throws, or a promise it rejects, is logged and nothing else. */
export type Listener<N extends EventName> = (event: EventMap[N]) => void | Promise<void>

/** Where listeners are added. They can neither delay nor break a request. */
export interface Events {
  /** Adds a listener; answers how to remove it. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void
  /** Tells the listeners, off the stack of the request. */
  emit<N extends EventName>(name: N, event: EventMap[N]): void
  /** True if anybody listens: the hot path builds no event for nobody. */
  has(name: EventName): boolean
}

/** Makes an emitter; `failed` learns of listeners that threw. */
export function createEvents(failed: (name: EventName, error: unknown) => void = () => {}): Events {
  const listeners = new Map<EventName, Set<Listener<never>>>()
  return { on, emit, has: (name) => (listeners.get(name)?.size ?? 0) > 0 }

  function on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    const set = listeners.get(name) ?? new Set()
    listeners.set(name, set.add(listener))
    return () => void set.delete(listener)
  }

  function emit<N extends EventName>(name: N, event: EventMap[N]): void {
    const set = listeners.get(name)
    if (!set || set.size === 0) return
    // Off the request's stack: a slow listener delays nobody, and one that throws breaks nobody.
    setImmediate(() => {
      for (const listener of set) void deliver(name, event, listener as Listener<N>)
    })
  }

  async function deliver<N extends EventName>(name: N, event: EventMap[N], listener: Listener<N>): Promise<void> {
    try {
      await listener(event)
    } catch (error) {
      failed(name, error)
    }
  }
}
