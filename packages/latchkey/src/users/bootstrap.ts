/** The first administrator: one code for all processes and restarts, made of the server secret, good once. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { Account, AccountStore, LimitStore } from '../stores/port.js'
import { equalText, hmacSha256, randomId } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import { memoryLimits } from './limits.js'
import { accountOf, checkAccount, newAccount } from './new-account.js'
import type { Hasher } from './passwords.js'

export interface BootstrapParts {
  readonly store: AccountStore
  /** A sub-key of the server secret, for this purpose only. */
  readonly subkey: Uint8Array
  readonly hasher: Hasher
  readonly clock: Clock
  readonly events: Events
  /** Where wrong codes are counted; by default in this process. */
  readonly limits?: LimitStore | undefined
}

/** What makes the first administrator. */
export interface BootstrapClaim {
  readonly code: string
  readonly username: string
  readonly password: string
  readonly email?: string | null | undefined
}

/** The way to the first administrator. */
export interface Bootstrap {
  /** The code to print; `undefined` once there was a first administrator. */
  offer(): Promise<{ readonly code: string } | undefined>
  /**
   * Makes the first administrator. Throws `request_invalid` (the code stays good), `not_found` once it was used,
   * `permission_denied` for a wrong code, `login_throttled` after ten of them in 15 minutes, `conflict` for a taken name.
   */
  claim(input: BootstrapClaim): Promise<Account>
  /** A password for the banner of a development server: the same at every start until the code is used. */
  suggestedPassword(): Promise<string>
}

// Crockford's: no I, L, O, U.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Makes the bootstrap of a process. */
export function createBootstrap(parts: BootstrapParts): Bootstrap {
  const { store, subkey, hasher, clock, events, limits = memoryLimits() } = parts
  const guesses = [{ key: 'bootstrap', points: 10, seconds: 900 }]
  const standing = () => store.offerBootstrap(randomId())
  const codeOf = (nonce: string) => grouped(hmacSha256(subkey, `code ${nonce}`), 16, 4)
  return { offer, claim, suggestedPassword }

  async function offer(): Promise<{ code: string } | undefined> {
    const { nonce, used } = await standing()
    return used ? undefined : { code: codeOf(nonce) }
  }

  async function claim(input: BootstrapClaim): Promise<Account> {
    const { username, password, email } = input
    const wish = { username, password, email, admin: true }
    // First, so that a password which is refused does not use up the code.
    checkAccount(wish, true)
    const nonce = await proven(input.code)
    const row = await newAccount(wish, hasher, clock)
    const claimed = await store.claimBootstrap(nonce, row)
    if (claimed === 'taken') throw new AuthError('conflict')
    if (!claimed) throw new AuthError('not_found')
    const account = accountOf(row)
    events.emit('user.created', { userId: account.id, user: account })
    return account
  }

  async function proven(code: unknown): Promise<string> {
    const { nonce, used } = await standing()
    if (used) throw new AuthError('not_found')
    const retryAfter = await limits.consume(guesses, clock())
    if (retryAfter > 0) throw new AuthError('login_throttled', { retryAfter })
    if (!equalText(asPrinted(code), codeOf(nonce))) throw new AuthError('permission_denied')
    await limits.reward(guesses, clock())
    return nonce
  }

  async function suggestedPassword(): Promise<string> {
    const { nonce } = await standing()
    return grouped(hmacSha256(subkey, `password ${nonce}`), 20, 5).toLowerCase()
  }
}

// Five bits a character: 16 are 80 bits.
function grouped(bytes: Uint8Array, characters: number, group: number): string {
  let text = ''
  for (let i = 0; i < characters; i += 1) {
    if (i > 0 && i % group === 0) text += '-'
    text += alphabet[(bytes[i] as number) & 31]
  }
  return text
}

// As people type it: any case, with or without hyphens, O for 0 and I or L for 1.
function asPrinted(code: unknown): string {
  if (typeof code !== 'string' || code.length > 64) return ''
  const bare = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return bare.match(/.{1,4}/gs)?.join('-') ?? ''
}
