/** Tokens in memory: they belong to this page, and are gone when it is. */
import { type Browser, secondsOf } from './browser.js'
import { claimsOf } from './claims.js'
import { asUser, type Keeper } from './keeper.js'
import { ageOf, type Term, termOf } from './term.js'
import type { ClientUser } from './types.js'

interface Held {
  readonly access: string
  /** Without refresh tokens the access token renews itself. */
  readonly refresh: string
  readonly user: ClientUser
  readonly term: Term
  readonly ahead: number
}

export function bearerKeeper(browser: Browser): Keeper {
  let held: Held | undefined
  return {
    transport: 'bearer',
    user: () => held?.user,
    expiresAt: () => held?.term.expiresAt,
    ahead: () => held?.ahead ?? 0,
    maybe: () => held !== undefined,
    age: () => (held ? ageOf(held.term, secondsOf(browser) + held.ahead) : 'fresh'),
    mark: () => ({ token: held?.access, csrf: undefined, told: held?.access ?? '' }),
    moved: ({ token }) => held?.access !== token,
    proof: async () => ({ headers: {}, body: held ? { refresh_token: held.refresh } : {} }),
    headers: async () => (held ? { authorization: `Bearer ${held.access}` } : {}),
    another: async () => false,
    keep({ access_token: access, refresh_token: refresh = access, expires_in, user }) {
      const claims = claimsOf(access)
      const now = secondsOf(browser)
      const expiresAt = typeof claims?.exp === 'number' ? claims.exp : now + expires_in
      held = {
        access,
        refresh,
        user: asUser({ id: claims?.sub ?? '', ...user }),
        term: termOf(expiresAt, expires_in, browser.Math.random),
        ahead: expiresAt - expires_in - now,
      }
    },
    know() {},
    hear() {},
    drop() {
      held = undefined
    },
  }
}
