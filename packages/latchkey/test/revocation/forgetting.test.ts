/** Promises about what processes forget: nothing that a token which is still taken could be concerned by, whatever their clocks and options say. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { signJws } from '../../src/jwt/jws.js'
import { count } from '../count.js'
import { cluster } from './cut-kit.js'

const MINUTE = 60
const DAY = 86_400

// What is forgotten is decided by two clocks: the one that tests set, and the one that nobody sets.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

type Cluster = Awaited<ReturnType<typeof cluster>>
type Process = Cluster['first']

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** Lets time pass; then a process reads the log, forgets what it thinks it may, and says what it makes of a token. */
async function later({ clock, login }: Cluster, seconds: number, { verify }: Process, token: string): Promise<string> {
  clock.now += seconds
  vi.advanceTimersByTime(seconds * 1000)
  // Too old to be taken for what is known, so the log is read.
  expect(await verify((await login()).access_token)).toBe('good')
  return verify(token)
}

test.each(['a rotation', 'a revocation'])(
  'a key that ended by %s stays dead for good where the ring cannot be read',
  async (by) => {
    const all = await cluster()
    const { clock, first, process, login } = all
    const cut = process()
    const { access_token } = await login()
    expect(await cut.verify(access_token)).toBe('good')
    const stolen = await first.auth.keys.signer()
    const forged = () => {
      const dates = { iat: clock.now, exp: clock.now + 5 * MINUTE, rev: Number.MAX_SAFE_INTEGER }
      return signJws({ typ: 'at+jwt' }, { ...claimsOf(access_token), ...dates }, stolen)
    }
    cut.line.ringCut = true
    if (by === 'a rotation') await first.auth.keys.rotate({ emergency: true })
    else await first.auth.revoke({ key: stolen.kid ?? '' })
    for (const seconds of [6, 10 * MINUTE, 10 * MINUTE, DAY, 31 * DAY, 20 * DAY]) {
      expect(await later(all, seconds, cut, forged())).not.toBe('good')
      expect(await cut.verify(forged())).toBe('token_revoked')
    }
    expect(cut.auth.health().revocation.known).toBe(1)
    count('moments at which a stolen key was dead', 6)
  },
)

const BRIEF = { refreshLifetime: '15m', idleLifetime: '15m', briefLifetime: '15m' }

test.each([12, 3_600, DAY / 2])(
  'what a process revoked whose clock is %i seconds behind is refused as long as the token is taken',
  async (behind) => {
    const all = await cluster(BRIEF)
    const { clock, first, process, login, user } = all
    const slow = process({ clock: () => clock.now - behind })
    const tokens = [await login(), await login()].map(({ access_token }) => access_token)
    for (const token of tokens) expect(await first.verify(token)).toBe('good')
    await slow.auth.revoke({ jti: claimsOf(tokens[0] ?? '').jti })
    expect(await later(all, 6, first, tokens[0] ?? '')).toBe('token_revoked')
    expect(await first.verify(tokens[1] ?? '')).toBe('good')
    await slow.auth.revoke({ user: user.id })
    for (let minute = 0; minute < 4; minute++) {
      for (const token of tokens) expect(await later(all, MINUTE / 2, first, token)).toBe('token_revoked')
    }
  },
)

test('what lives by a lifetime that was longer before stays dead when a process revoked it that has the shorter one', async () => {
  const all = await cluster({ accessLifetime: '1h' })
  const { first, process, login, user } = all
  const { access_token } = await login()
  const changed = process({ ...BRIEF, accessLifetime: '5m' })
  expect(await changed.verify(access_token)).toBe('good')
  await changed.auth.revoke({ user: user.id })
  for (let quarter = 0; quarter < 3; quarter++) {
    for (const one of [first, changed]) expect(await later(all, 9 * MINUTE, one, access_token)).toBe('token_revoked')
  }
})
