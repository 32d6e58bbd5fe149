/** Every recording of jwtauth replayed: what is not the same stands in a closed list with the number of the fault that it mends. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { type CookieRecording, createReplay, type Shown } from './django-replay.js'
import { application, ORIGIN, SIGNING_KEY } from './jwtauth-kit.js'
import { recordings } from './replay.js'

interface Difference {
  readonly why: string
  readonly status: number
  readonly cookies?: readonly unknown[]
  readonly body: string
}

const stranger = (fault: number, why: string, cookies: readonly unknown[] = []): Difference => ({
  why: `fault ${fault} is mended: ${why}`,
  status: 200,
  cookies,
  body: '{"username":""}',
})
const forgotten = [expect.stringMatching(/^access_token="";/), expect.stringMatching(/^refresh_token="";/)]

/** Ours, where it is not the original's. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'login missing field': {
    why: 'fault 27 is mended: a refusal, not a crash',
    status: 400,
    body: '{"password":["This field is required."]}',
  },
  'login form-encoded': {
    why: 'the text after the dash is the parser’s own',
    status: 400,
    body: '{"detail":"JSON parse error - The body is not JSON."}',
  },
  'login while logged in': {
    why: 'fault 26 is mended: it is a login like any other',
    status: 204,
    cookies: [expect.stringMatching(/^access_token=\{/), expect.stringMatching(/^refresh_token=\{/)],
    body: '',
  },
  'Authorization header unsupported': {
    why: 'a limitation that its README states is lifted: the header is read',
    status: 200,
    body: '{"username":"alice"}',
  },
  'REFRESH token used as access token': stranger(24, 'it is none'),
  'EMPTY cookies crash': stranger(25, 'they are no cookies'),
  'alice access + bob refresh (mix)': stranger(29, 'two cookies of two sessions are nobody’s'),
  'EXPIRED alice access + bob refresh -> becomes bob': stranger(29, 'two cookies of two sessions are nobody’s'),
  'DEACTIVATED user still silently refreshed': stranger(30, 'nothing is renewed for whoever was shut out', forgotten),
  'deleting ActiveToken rows does not revoke': stranger(31, 'what the database has is what counts', forgotten),
}

test('it is answered as recorded, but for the list', async () => {
  const { auth, clock, send } = await application({ ACCESS_TOKEN_LIFETIME: 3, REFRESH_TOKEN_LIFETIME: 40 })
  const { replay } = createReplay({ key: SIGNING_KEY, origin: ORIGIN, forged: (label) => label === 'forged', send })
  const all = recordings('jwtauth-0.0.8') as CookieRecording[]
  for (const recording of all) {
    const { label } = recording
    if (label === 'silent refresh after access expiry') clock.now += 4
    // Here this ends the sessions, in the original nothing.
    if (label === 'DEACTIVATED user still silently refreshed') await auth.users.disable('1')
    const { ours, original } = await replay(recording)
    if (label === 'deleting ActiveToken rows does not revoke') await auth.users.enable('1')
    judge(DIFFERENCES[label], label, ours, original)
  }
  expect(Object.keys(DIFFERENCES).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  count('recordings of jwtauth', all.length)
  expect(all).toHaveLength(28)
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
  const original: Shown = { status: 204, challenge: null, allow: 'GET', type: null, cookies: ['a=b'], body: '' }
  const listed = stranger(24, 'of this test')
  expect(() => judge(undefined, 'plain', original, original)).not.toThrow()
  for (const wrong of [{ status: 200 }, { allow: null }, { cookies: [] }, { body: '{}' }, { type: 'text/html' }])
    expect(() => judge(undefined, 'plain', { ...original, ...wrong }, original)).toThrow()
  expect(() => judge(listed, 'listed', original, original)).toThrow(/is in the list and is no difference/)
  expect(() => judge(listed, 'listed', { ...original, status: 200 }, original)).toThrow()
})
