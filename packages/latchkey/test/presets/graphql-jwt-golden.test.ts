/** Every recording of django-graphql-jwt 0.4.0 replayed: what is not the same stands in a closed list with its reason. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { type CookieRecording, createReplay, type Shown } from './django-replay.js'
import { application, type Json, KEY, ORIGIN, yogaOf } from './graphql-jwt-kit.js'
import { recordings } from './replay.js'

const RECORDED_AT = 1_795_313_627

interface Difference {
  readonly why: string
  readonly body?: unknown
  /** What stands after each cookie that the original set. */
  readonly cookies?: string
}

const refused = (field: string, message: string, column: number) => ({
  errors: [{ message, locations: [{ line: 1, column }], path: [field] }],
  data: { [field]: null },
})

const FAULT_38 = 'fault 38 is mended: an expired token is good for nothing'
const FAULT_41 = 'fault 41 is mended: cookies are for this site, and for https'
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'verifyToken EXPIRED accepted by default (JWT_VERIFY_EXPIRATION False)': {
    why: FAULT_38,
    body: refused('verifyToken', 'Signature has expired', 41),
  },
  'viewer with EXPIRED token accepted by default': {
    why: FAULT_38,
    body: refused('viewer', 'Signature has expired', 3),
  },
  'cookie tokenAuth': { why: FAULT_41, cookies: '; SameSite=Lax; Secure' },
  'cookie refresh no arg': { why: FAULT_41, cookies: '; SameSite=Lax; Secure' },
  'cookie delete': { why: FAULT_41, cookies: '; SameSite=Lax' },
  'cookie delete none': { why: FAULT_41, cookies: '; SameSite=Lax' },
}

test('graphql-jwt-0.4.0-default is answered as recorded, but for the list', async () => {
  const all = recordings('graphql-jwt-0.4.0-default') as readonly CookieRecording[]
  const { replay } = createReplay({ key: KEY, origin: ORIGIN, forged: () => false, send: await recorded() })
  for (const recording of all) {
    const { ours, original } = await replay(recording)
    judge(recording.label, comparable(ours), comparable(original))
  }
  expect(Object.keys(DIFFERENCES).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  count('recordings of graphql-jwt-0.4.0-default', all.length)
})

test('an answer that differs in its words, its status, a code or a cookie is seen, and so is a difference that is none', () => {
  const [refusal] = recordings('graphql-jwt-0.4.0-default').filter(({ label }) => label === 'viewer none')
  const { status = 0, body = '' } = refusal?.response ?? {}
  const original: Comparable = {
    status,
    challenge: null,
    allow: null,
    type: 'application/json',
    cookies: [],
    body: JSON.parse(body),
  }
  const [error] = original.body.errors
  const telling = (more: object) => ({ ...original, body: { ...original.body, errors: [{ ...error, ...more }] } })
  judge('viewer none', { ...original }, original)
  for (const broken of [
    telling({ message: 'No' }),
    telling({ extensions: { code: 'x' } }),
    { ...original, status: 401 },
    { ...original, cookies: ['JWT=x'] },
  ])
    expect(() => judge('viewer none', broken, original)).toThrow()
  expect(() => judge('cookie delete', original, original)).toThrow(/is no difference/)
})

/** The three views of the recording. */
async function recorded(): Promise<(request: Request) => Promise<Response>> {
  const plain = await application({}, { now: RECORDED_AT - 3_600 })
  const views: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    '/graphql/': yogaOf(plain, '/graphql/'),
    '/graphql-cookie/': yogaOf(plain.view({ jwt_cookie: true }), '/graphql-cookie/'),
    '/graphql-batch/': async (request) => enveloped(await batching(request)),
  }
  const batching = yogaOf(plain, '/graphql-batch/')
  return async (request) => {
    const view = views[new URL(request.url).pathname]
    return view ? view(request) : new Response('no such path', { status: 404 })
  }
}

/** The view of graphene-django numbers the answers of a batch; its status is theirs. */
async function enveloped(response: Response): Promise<Response> {
  const all = (await response.json()) as object[]
  return Response.json(
    all.map((one) => ({ ...one, id: null, status: response.status })),
    { status: response.status },
  )
}

function judge(label: string, ours: Comparable, original: Comparable): void {
  const difference = DIFFERENCES[label]
  if (!difference) {
    expect(ours, label).toEqual(original)
    return
  }
  expect(ours, `${label} is in the list and is no difference`).not.toEqual(original)
  const { body = original.body, cookies = '' } = difference
  const expected = { ...original, body, cookies: original.cookies.map((line) => `${line}${cookies}`) }
  expect(ours, `${label}: ${difference.why}`).toEqual(expected)
}

type Comparable = Omit<Shown, 'body'> & { readonly body: Json }

/** Members by their names, dates of the day as such; the CSRF cookie is one of graphene-django's view. */
function comparable({ body, cookies, ...rest }: Shown): Comparable {
  const json = body.replace(/"(\{"alg":[^}]*\}) (\{[^}]*\})"/g, (_, header: string, claims: string) =>
    JSON.stringify(`${header} ${masked(claims)}`),
  )
  return {
    ...rest,
    cookies: cookies.filter((line) => !line.startsWith('csrftoken=')).map(masked),
    body: JSON.parse(masked(json)),
  }
}

const masked = (text: string): string => text.replace(/"(exp|origIat|refreshExpiresIn)":(\d{10})\b/g, '"$1":"seconds"')
