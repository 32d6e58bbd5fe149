/** Every recording of simplejwt 5.2.2 replayed: what is not the same stands in a closed list with its reason. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { createReplay, type Recording, recordings, type Shown } from './replay.js'
import { application, SIGNING_KEY } from './simplejwt-kit.js'

interface Difference {
  readonly why: string
  readonly status: number
  readonly body: unknown
}

const atGuard = (message: string, ofSliding = message) => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [
    { token_class: 'AccessToken', token_type: 'access', message },
    { token_class: 'SlidingToken', token_type: 'sliding', message: ofSliding },
  ],
})
const refused = (detail: string) => ({ detail, code: 'token_not_valid' })
const nobody = { detail: 'No active account found for the given token.' }
const mended = (fault: number, body: unknown): Difference => ({ why: `fault ${fault} is mended`, status: 401, body })

/** Ours, where it is not the original's. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'obtain bad json': {
    why: 'the text after the dash is the parser’s own',
    status: 400,
    body: { detail: 'JSON parse error - The body is not JSON.' },
  },
  'obtain OPTIONS': {
    why: 'name and description are the framework’s own text',
    status: 200,
    body: {
      name: expect.any(String),
      description: '',
      renders: ['application/json'],
      parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
      actions: {
        POST: {
          username: { type: 'string', required: true, read_only: false, label: 'Username' },
          password: { type: 'string', required: true, read_only: false, label: 'Password' },
        },
      },
    },
  },
  'obtain no slash': {
    why: 'accepted with and without: the redirect turns POST into GET',
    status: 200,
    body: expect.objectContaining({ access: expect.any(String) }),
  },
  'protected no jti': mended(45, atGuard('Token has no id')),
  'protected user_id not a number': mended(45, { detail: 'User not found', code: 'user_not_found' }),
  'protected user_id list': mended(45, refused('Token contained no recognizable user identification')),
  'protected user_id huge': mended(45, refused('Token contained no recognizable user identification')),
  'protected exp huge': mended(45, atGuard('Token is invalid or expired')),
  'protected crit header': mended(16, atGuard('Token is invalid or expired')),
  'refresh no jti': mended(45, refused('Token has no id')),
  'refresh inactive user': mended(10, nobody),
  'refresh deleted user': mended(10, nobody),
  'refresh user_id not number': mended(10, nobody),
  'access after blacklist': mended(12, atGuard('Token is blacklisted', 'Token has wrong type')),
  'new refresh after reuse detected (family NOT revoked)': mended(9, refused('Token is blacklisted')),
}

const SLIDING = ['AccessToken', 'SlidingToken']
const suites = {
  'simplejwt-5.2.2-default': { AUTH_TOKEN_CLASSES: SLIDING },
  'simplejwt-5.2.2-rotate': { ROTATE_REFRESH_TOKENS: true, BLACKLIST_AFTER_ROTATION: true },
}
const all = Object.keys(suites).flatMap((name) => recordings(name))

test.each(Object.entries(suites))('%s is answered as recorded, but for the list', async (name, settings) => {
  const { send, clock } = await application(settings)
  const replay = createReplay(SIGNING_KEY, send)
  for (const recording of recordings(name)) {
    // Within the grace period the predecessor gets the same successor: that a double click signs nobody out is ours alone.
    if (recording.label === 'old refresh reused') clock.now += 11
    const { ours, original } = await replay(recording)
    judge(recording, ours, original)
  }
  count(`recordings of ${name}`, recordings(name).length)
})

function judge({ label }: Recording, ours: Shown, original: Shown): void {
  const difference = DIFFERENCES[label]
  if (!difference) {
    expect(ours, label).toEqual(original)
    return
  }
  expect(ours, `${label} is in a list and is no difference`).not.toEqual(original)
  expect({ status: ours.status, body: ours.body }, label).toEqual({ status: difference.status, body: difference.body })
}

test('the list names recordings that exist', () => {
  const labels = all.map(({ label }) => label)
  expect(Object.keys(DIFFERENCES).filter((label) => !labels.includes(label))).toEqual([])
  expect(labels).toHaveLength(91)
})
