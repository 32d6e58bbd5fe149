/** Every recording of djangorestframework-jwt 1.11 and drf-jwt 1.17.3 replayed: what is not the same stands in a closed list with its reason. */
import { expect, test } from 'vitest'
import type { DrfJwtSettings } from '../../src/presets/index.js'
import { count } from '../count.js'
import { createReplay, type Shown } from './django-replay.js'
import { application, KEY, ORIGIN } from './drf-jwt-kit.js'
import { recordings } from './replay.js'

interface Difference {
  readonly why: string
  readonly status: number
  readonly body: unknown
}

const mended = (fault: number, status: number, body: unknown): Difference => ({
  why: `fault ${fault} is mended`,
  status,
  body,
})
const detail = (text: string) => ({ detail: text })
const errors = (text: string) => ({ non_field_errors: [text] })
const MENDED_LOGOUT = 'logout form-encoded without token (immutable QueryDict)'
const BLACKLISTED = 'Token is blacklisted.'

interface Suite {
  readonly settings: Partial<DrfJwtSettings>
  readonly recordedAt: number
  readonly differences: Readonly<Record<string, Difference>>
}

const SUITES: Readonly<Record<string, Suite>> = {
  'djangorestframework-jwt-1.11.0': {
    settings: {
      variant: '2017',
      JWT_ALLOW_REFRESH: true,
      paths: { obtain: '/api/jwt-auth/', refresh: '/api/jwt-refresh/', verify: '/api/jwt-verify/' },
    },
    recordedAt: 1_795_313_280,
    differences: {
      'verify aud present': mended(44, 400, errors('Error decoding signature.')),
    },
  },
  'drf-jwt-1.17.3-default': {
    settings: { paths: { impersonate: '/api-token-impersonate/' } },
    recordedAt: 1_795_313_202,
    differences: {
      'protected no exp': mended(44, 401, detail('Invalid token.')),
      'protected header w/o alg': mended(44, 401, detail('Invalid token.')),
      'logout garbage token in body': mended(44, 400, errors('Error decoding token.')),
      'logout expired token in body': mended(44, 400, errors('Token has expired.')),
      [MENDED_LOGOUT]: mended(44, 201, expect.stringContaining('alice')),
      'REFRESHED child of logged-out token still works': mended(6, 403, detail(BLACKLISTED)),
      'REFRESHED child still refreshable': mended(6, 400, errors(BLACKLISTED)),
      // By the child of a token that was logged out: that nobody ends the token of another is in drf-jwt.test.ts.
      "logout someone else's token (bob's) by alice": mended(6, 403, detail(BLACKLISTED)),
    },
  },
}

test.each(Object.entries(SUITES))('%s is answered as recorded, but for the list', async (name, suite) => {
  const { settings, recordedAt, differences } = suite
  const all = recordings(name).map((one) => ({ ...one, response: { set_cookie: [], ...one.response } }))
  const forged = (label: string) => label.includes('bad signature')
  await run(all.filter(({ label }) => label !== MENDED_LOGOUT))
  // What was a fault there is a logout here: those after it are not asked with a token that it ended.
  await run(all.filter(({ label }) => label === 'obtain' || label === MENDED_LOGOUT))
  expect(Object.keys(differences).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  count(`recordings of ${name}`, all.length)

  async function run(some: typeof all): Promise<void> {
    const { send, clock } = await application(settings, recordedAt)
    const { replay } = createReplay({ key: KEY, origin: ORIGIN, forged, send })
    for (const recording of some) {
      if (recording.label === 'refresh ok') clock.now += 2
      const { ours, original } = await replay(recording)
      judge(recording.label, ours, original)
    }
  }

  function judge(label: string, ours: Shown, original: Shown): void {
    const difference = differences[label]
    if (!difference) {
      expect(comparable(ours), label).toEqual(comparable(original))
      return
    }
    expect(comparable(ours), `${label} is in the list and is no difference`).not.toEqual(comparable(original))
    expect({ status: ours.status, body: parsed(ours.body) }, label).toEqual({
      status: difference.status,
      body: difference.body,
    })
  }
})

/** The order of a body's members says nothing; dates are those of the day. */
function comparable({ body, ...rest }: Shown): object {
  const masked = body
    .replace(/"(pk|orig_iat)":\d+/g, '"$1":"seconds"')
    .replace(/"orig_jti":"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}"/, '"orig_jti":"uuid"')
  return { ...rest, body: parsed(masked) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
