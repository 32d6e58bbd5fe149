/** Cases 94 and 101-103: tokens that were good once, or that are good for something else; only the auth knows. */
import type { Auth } from '../auth.js'
import type { ErrorCode, Reason } from '../errors.js'
import type { User } from '../stores/port.js'
import { randomId } from '../util/bytes.js'
import type { TestCaller } from './caller.js'
import { type Defect, type DefectClass, defectClasses } from './defects.js'
import { accountsOf, type TestPerson } from './person.js'

/** Makes them. Users of our own table come and go for it; in the application's own only sessions do. */
export async function endedTokens<U extends User, C extends object>(
  auth: Auth<U, C>,
  as: (person: TestPerson) => Promise<TestCaller>,
  caller: TestCaller,
  again: (caller: TestCaller) => Promise<TestCaller>,
): Promise<readonly Defect[]> {
  const accounts = accountsOf(auth)
  const found = [refreshToken(caller), await revoked()]
  if (accounts) found.push(await disabled(accounts.disable), await reduced(accounts.take))
  return found.filter((one) => one !== undefined)

  async function revoked(): Promise<Defect | undefined> {
    const { token, sessionId } = await again(caller)
    if (sessionId === undefined) return undefined
    await auth.revoke({ session: sessionId })
    return entry('revoked', 'a session that was ended', token, 'revoked', ['token_revoked'])
  }

  async function disabled(disable: (id: string) => Promise<void>): Promise<Defect> {
    const { token, subject } = await as({ sub: `disabled-${randomId(8)}`, permissions: ['*'] })
    await disable(subject)
    return entry('disabled-user', 'a user who was disabled', token, 'user_disabled', ['token_revoked', 'user_inactive'])
  }

  async function reduced(take: (id: string, permissions: readonly string[]) => Promise<unknown>): Promise<Defect> {
    const { token, subject } = await as({ sub: `reduced-${randomId(8)}`, permissions: ['*'] })
    await take(subject, ['*'])
    return entry('old-permissions', 'permissions that were taken', token, 'revoked', ['token_stale'])
  }
}

function refreshToken({ refreshToken: token }: TestCaller): Defect | undefined {
  if (token === undefined) return undefined
  const reason: Reason = token.split('.')[0]?.startsWith('ey') ? 'typ' : 'structure'
  // Cut into two cookies it is a pair that does not match, which is answered like an expired token.
  const codes: readonly ErrorCode[] = ['token_invalid', 'token_expired']
  return entry('refresh-as-access', "the session's own refresh token", token, reason, codes)
}

const entry = (
  name: DefectClass,
  title: string,
  token: string,
  reason: Reason,
  codes: readonly ErrorCode[],
): Defect => {
  const { case: number, meaning } = defectClasses[name]
  return { name: title, class: name, meaning, case: number, token, reason, codes, sendable: true }
}
