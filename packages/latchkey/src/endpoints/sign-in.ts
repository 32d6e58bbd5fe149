/** The operations that hand out tokens: login, registration, refresh, password change. */
import { AuthError } from '../errors.js'
import type { RevocationLog, Stamp, User } from '../stores/port.js'
import type { IssueOptions } from '../tokens/new-session.js'
import type { Renewed, TokenService } from '../tokens/service.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Credential } from '../transport/transport.js'
import type { Transports } from '../transport/transports.js'
import type { Credentials } from '../users/login.js'
import type { ChangePassword } from '../users/own-table.js'
import { caller } from './caller.js'
import type { Call, Operations, SignedIn } from './surface.js'
import type { UserPart } from './wire.js'

export interface SignInParts<U extends User> {
  readonly revocations: Pick<RevocationLog, 'stamp'>
  readonly tokens: TokenService<U>
  readonly transports: Transports
  /** Whether the access token renews itself. */
  readonly single: boolean
  readonly login: (credentials: Credentials, head: RequestHead, peer: Peer) => Promise<{ readonly user: U }>
  readonly partOf: (user: U) => Promise<UserPart>
  /** Absent where accounts cannot register. */
  readonly register:
    | ((input: { username: string; password: string; email?: string | undefined }, peer: Peer) => Promise<U>)
    | undefined
  /** Checks the current password, sets the next one and ends the other sessions. Absent where passwords cannot be changed here. */
  readonly changePassword: ChangePassword<U> | undefined
}

type SignInOperations<U extends User> = Pick<Operations<U>, 'login' | 'register' | 'refresh' | 'password'>

export function createSignIn<U extends User>(deps: SignInParts<U>): SignInOperations<U> {
  const { revocations, tokens, transports } = deps
  const { csrf } = transports
  return {
    async login({ username, password, remember, transport, form }, call) {
      // Before anything is looked at: a login that another site makes a browser send is refused unread.
      const via = transports.choose(transport, call.head)
      // Before the credentials are looked at: a password that changes meanwhile makes this session dead on arrival.
      const stamp = await revocations.stamp()
      const { user } = await deps.login({ login: username, password }, call.head, call.peer)
      return begin(user, stamp, call, via, { remember, form })
    },

    async register(input, call) {
      if (!deps.register) throw new AuthError('not_found')
      const { transport, ...account } = input
      const via = transports.choose(transport, call.head)
      const stamp = await revocations.stamp()
      return begin(await deps.register(account, call.peer), stamp, call, via)
    },

    async refresh({ token: given }, call) {
      const { token, via } = await presented(given, call)
      const { context, failure } = await call.authentication()
      if (failure?.code === 'credential_ambiguous') throw failure
      // A refresh token beside the good access token of another session is one that went astray.
      if (context?.sessionId !== undefined && (await sessionIdOf(token)) !== context.sessionId) {
        throw new AuthError('refresh_invalid', { hint: 'the access token beside it is of another session' })
      }
      return finish(await tokens.refresh(token, call.head), via, call)
    },

    async password({ current, next }, call) {
      const context = await caller(call)
      if (!deps.changePassword || context.sessionId === undefined) throw new AuthError('not_found')
      await deps.changePassword(await context.user(), current, next, context.sessionId)
      // A link of the application's own has no way to deliver tokens.
      const via = context.via === 'own' ? 'bearer' : context.via
      return finish(await tokens.reissue(context.sessionId), via, call)
    },
  }

  async function sessionIdOf(token: string): Promise<string | undefined> {
    return deps.single ? tokens.sessionNamedBy(token) : (await tokens.sessionOf(token))?.id
  }

  async function presented(given: string | undefined, { head }: Call<U>): Promise<Credential> {
    // Where there are no refresh tokens, the access token renews itself.
    const credential = transports.refresh(head, given) ?? (deps.single ? transports.access(head) : undefined)
    if (!credential) throw new AuthError('credential_missing')
    if (credential.via === 'cookie') csrf?.check(head, await tokens.sessionNamedBy(credential.token))
    return credential
  }

  async function begin(
    user: U,
    stamp: Stamp,
    call: Call<U>,
    via: Credential['via'],
    options: Pick<IssueOptions, 'remember' | 'form'> = {},
  ): Promise<SignedIn<U>> {
    const { head, peer } = call
    const device = head.header('user-agent')
    const issued = await tokens.issue(user, { ...options, stamp, device, address: peer.address })
    return finish({ user, tokens: issued }, via, call)
  }

  async function finish(
    { user, tokens: pair }: Renewed<U>,
    via: Credential['via'],
    { head }: Call<U>,
  ): Promise<SignedIn<U>> {
    return { user, tokens: pair, part: await deps.partOf(user), ...transports.deliver(via, pair, head) }
  }
}
