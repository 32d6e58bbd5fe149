/** Every recording of djwto replayed: what is not the same stands in a closed list with the number of the fault that it mends. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { type CookieRecording, createReplay, type Shown } from './django-replay.js'
import { application, ORIGIN, SIGNING_KEY } from './djwto-kit.js'
import { recordings } from './replay.js'

interface Difference {
  readonly why: string
  readonly status: number
  readonly cookies?: readonly unknown[]
  readonly body: unknown
}

const mended = (fault: number, why: string, error: string): Difference => ({
  why: `fault ${fault} is mended: ${why}`,
  status: 403,
  body: JSON.stringify({ error }).replace('":', '": '),
})
const inAfterAll = (why: string): Difference => ({
  why: `fault 19 is mended: ${why}`,
  status: 200,
  cookies: [expect.stringMatching(/^csrftoken=/)],
  body: expect.stringMatching(/^\{"refresh": .+, "access": .+\}$/),
})
const over = 'Input jti token is already blacklisted.'
const failed = 'Failed to validate token.'
const page = (why: string): Difference => ({
  why: `the page is ours: ${why}`,
  status: 403,
  body: expect.stringContaining('<p>CSRF verification failed. Request aborted.</p>'),
})

const AFTER_LOGOUT = {
  'refresh_access after logout': mended(22, 'a refusal, not a crash', "Can't update access token."),
  'update_refresh after logout': mended(22, 'a refusal, not a crash', "Can't update refresh token."),
}

/** Ours, where it is not the original's. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  JSON: {
    ...AFTER_LOGOUT,
    "login with any Bearer garbage -> 'already authenticated'": inAfterAll('garbage keeps nobody from logging in'),
    "login with EXPIRED bearer -> 'already authenticated'": inAfterAll('nor does a token that is over'),
    'validate wrong sub (NOT checked)': mended(23, 'it is checked', 'Invalid subject'),
    'validate no exp at all': mended(23, 'every token has an end', 'Token is missing the "exp" claim'),
    'validate user with only id': mended(52, 'both are asked for', failed),
    'protect with REFRESH token (accepted)': mended(17, 'it opens no view', failed),
    'refresh_access for DEACTIVATED user still works': mended(20, 'it is refused', 'User is inactive.'),
    "validate_refresh after logout (still 'valid')": mended(21, 'a logout ends both tokens', over),
    'access after logout still works': mended(21, 'a logout ends both tokens', over),
  },
  'TWO-COOKIES': {
    ...AFTER_LOGOUT,
    'validate no csrf': page('it says no more than that'),
    'validate csrf no referer': page('it says no more than that'),
    'validate wrong csrf': page('it says no more than that'),
    'validate evil referer': page('it says no more than that'),
    'validate evil origin': page('it says no more than that'),
    'ACCESS token in jwt_refresh cookie -> refresh_access (type not checked)': mended(18, 'it is checked', failed),
    'ACCESS token in jwt_refresh cookie -> update_refresh mints long-lived refresh': mended(
      18,
      'it is checked',
      failed,
    ),
    'logout post ok': {
      why: 'fault 21 is mended: a logout takes the refresh token and what scripts can read out of the browser',
      status: 200,
      cookies: [expect.stringMatching(/^jwt_refresh="";/), expect.stringMatching(/^jwt_access_payload="";/)],
      body: '{"msg": "Token successfully blacklisted."}',
    },
  },
}

test.each(['JSON', 'TWO-COOKIES'] as const)('the mode %s is answered as recorded, but for the list', async (mode) => {
  const { auth, send } = await application({ DJWTO_MODE: mode })
  const forged = (label: string) => label.includes('bad signature')
  const { replay } = createReplay({ key: SIGNING_KEY, origin: ORIGIN, forged, send })
  const all = recordings(`djwto-0.0.4-${mode}`) as CookieRecording[]
  for (const recording of all) {
    if (recording.label === 'refresh_access for DEACTIVATED user still works') await auth.users.disable('1')
    const { ours, original } = await replay(recording)
    judge(DIFFERENCES[mode]?.[recording.label], recording.label, ours, original)
    if (recording.label !== 'update_refresh for deactivated user') continue
    // Whoever is let in again logs in again: here as there, the rest of the recording is about somebody who did.
    await auth.users.enable('1')
    await replay(all[0] as CookieRecording)
    await replay(all.find(({ label }) => label === 'update_refresh ok') as CookieRecording)
  }
  expect(Object.keys(DIFFERENCES[mode] ?? {}).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  count(`recordings of djwto in the mode ${mode}`, all.length)
  expect(all).toHaveLength(mode === 'JSON' ? 51 : 25)
})

function judge(difference: Difference | undefined, label: string, ours: Shown, original: Shown): void {
  if (!difference) {
    expect(ours, label).toEqual(original)
    return
  }
  expect(ours, `${label} is in the list and is no difference`).not.toEqual(original)
  const { status, cookies, body } = ours
  expect({ status, cookies, body }, label).toEqual({
    status: difference.status,
    cookies: difference.cookies ?? [],
    body: difference.body,
  })
}

test('an answer that is not the original’s is found, and so is one of the list that is', () => {
  const original: Shown = { status: 403, challenge: null, allow: null, type: null, cookies: [], body: '{"error": "x"}' }
  const listed = mended(21, 'of this test', 'y')
  expect(() => judge(undefined, 'plain', original, original)).not.toThrow()
  for (const wrong of [{ status: 401 }, { challenge: 'Bearer' }, { cookies: ['a=b'] }, { body: '{"error":"x"}' }])
    expect(() => judge(undefined, 'plain', { ...original, ...wrong }, original)).toThrow()
  expect(() => judge(listed, 'listed', original, original)).toThrow(/is in the list and is no difference/)
  expect(() => judge(listed, 'listed', { ...original, status: 500 }, original)).toThrow()
  expect(() => judge(listed, 'listed', { ...original, body: listed.body as string }, original)).not.toThrow()
})
