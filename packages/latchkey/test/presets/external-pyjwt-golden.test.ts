/** Every recording of django_pyjwt_example replayed: what is not the same stands in a closed list with its reason. */
import { constants, createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Accounts, type Auth, createAuth, modelPermissions, signedIn } from '../../src/index.js'
import { externalPyjwt } from '../../src/presets/index.js'
import type { Account } from '../../src/stores/port.js'
import { headOf } from '../../src/transport/head.js'
import { SECRET } from '../auth-kit.js'
import { count } from '../count.js'
import { type Recording, recordings } from './replay.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = publicKey.export({ type: 'spki', format: 'pem' }) as string
/** The second in which the recordings were made. */
const RECORDED_AT = 1_795_313_529

interface Answer {
  readonly status: number
  readonly challenge: string | null
  readonly allow: string | null
  readonly type: string | null
  readonly body: unknown
}

const malformed = { detail: 'Malformed token' }
const fault = (number: number, why: string, detail: string) => ({
  why: `fault ${number} is mended: ${why}`,
  status: 403,
  body: { detail },
})
const mended = (why: string, detail: string) => fault(34, why, detail)
const nobody = (why: string) => fault(35, why, malformed.detail)
/** Of the same status as the original's, and of another body: whom the token stands for is somebody else. */
const apart = (why: string) => ({ why: `fault 35 is mended: ${why}`, status: 200, body: expect.any(Array) })

/** Ours, where it is not the original's. */
const DIFFERENCES: Readonly<Record<string, { why: string; status: number; body: unknown }>> = {
  EXPIRED: mended('a refusal, not a crash', 'Signature has expired'),
  'future nbf': mended('a refusal, not a crash', 'The token is not yet valid'),
  'aud present': mended('a refusal, not a crash', 'Invalid audience'),
  'RS256 instead of RS512': mended('nobody signs so', malformed.detail),
  'HS256 with the public key as secret': mended('nobody signs so', malformed.detail),
  'exp string': {
    ...mended('the schema says what is wrong', "Invalid JWT schema: '2030' is not of type 'integer'"),
    body: { detail: "Invalid JWT schema: '2030' is not of type 'integer'", schema: { type: 'integer' } },
  },
  'non-UTF8 scheme': mended('it is no `Bearer`', 'Authentication credentials were not provided.'),
  'empty username': nobody('an empty name is nobody'),
  'username NUL': nobody('a name with control characters is nobody'),
  'username 300 chars': nobody('a name of 300 characters is nobody'),
  "takes over local superuser 'root' by name": apart('a user of their own, who is not the local `root`'),
  'inactive local user accepted': apart('a user of their own, who is not the local `inactive`'),
  'username with script': apart('the name is no user name here, the user gets another'),
}

async function application() {
  const clock = { now: RECORDED_AT - 3_600 }
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    preset: externalPyjwt({ JWT_PUBLIC_KEY: PEM }),
  })
  for (const [index, username] of ['alice', 'bob', 'inactive', 'root'].entries())
    await auth.users.create({ id: String(index + 1), username, password: 'password', admin: username === 'root' })
  await auth.users.disable('3')
  clock.now = RECORDED_AT
  return { auth, clock, view: view(auth) }
}

/** The view of the original: a list and one of it, read-only. */
function view(auth: Pick<Auth<Account, object, Accounts>, 'authenticate' | 'reject' | 'users'>) {
  return async (request: Request): Promise<Response> => {
    const headers = { allow: 'GET, HEAD, OPTIONS', 'content-type': 'application/json' }
    const { method } = request
    try {
      const { context, failure } = await auth.authenticate(headOf(request))
      if (failure) throw failure
      await (method === 'GET' ? signedIn : modelPermissions('users.user'))(context, { method })
      const id = new URL(request.url).pathname.split('/')[2]
      const all = [...(await auth.users.list())].sort((one, other) => one.createdAt - other.createdAt).map(shown)
      const body = id ? all.find((user) => String(user.id) === id) : all
      return new Response(JSON.stringify(body), { headers })
    } catch (error) {
      const { status, headers: more, body } = auth.reject(error, { method })
      return new Response(body, { status, headers: { ...headers, ...more } })
    }
  }
}

const day = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

const shown = ({ id, username, createdAt, lastLoginAt, admin }: Account) => ({
  ...{ id: /^\d+$/.test(id) ? Number(id) : id, username, first_name: '', last_name: '' },
  ...{ date_joined: day(createdAt), last_login: lastLoginAt === null ? null : day(lastLoginAt) },
  ...{ is_superuser: admin, groups: [] },
})

/** The same header and claims, signed by the key of this test as the original signed them by its own. */
function resigned(authorization: string, { label }: Recording): string {
  return authorization.replace(/([\w-]+)\.([\w-]+)\.[\w-]+/, (_token, header: string, payload: string) => {
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const input = `${header}.${payload}`
    if (alg === 'HS256') return `${input}.${createHmac('sha256', PEM).update(input).digest('base64url')}`
    const signer = createSign(alg === 'RS256' ? 'sha256' : 'sha512').update(input)
    const signature = signer.sign({ key: privateKey, padding: constants.RSA_PKCS1_PADDING })
    if (label === 'bad signature') signature.fill(0, signature.length - 12)
    return `${input}.${signature.toString('base64url')}`
  })
}

/** What differs from day to day is masked; a user is compared by all that is shown but the id, which is text for those made on the fly. */
function comparable(status: number, headers: Headers, text: string): Answer {
  const body: unknown = text.startsWith('<') || text.startsWith('\n') ? text : JSON.parse(text, masked)
  const type = headers.get('content-type')?.split(';')[0] ?? null
  return { status, challenge: headers.get('www-authenticate'), allow: headers.get('allow'), type, body }
}

function masked(this: unknown, name: string, value: unknown): unknown {
  if (name === 'id') return Number(value) <= 4 ? value : 'an id'
  return (name === 'last_login' || name === 'date_joined') && /^2026-.*Z$/.test(String(value)) ? 'a date' : value
}

test('every recording is answered by the original’s words, but for the list', async () => {
  const { auth, view } = await application()
  const all = recordings('pyjwt-example')
  for (const recording of all) {
    const { request, response } = recording
    const { Authorization: given } = request.headers as { Authorization?: string }
    const headers = new Headers(request.body === null ? {} : { 'content-type': 'application/json' })
    if (given !== undefined) headers.set('authorization', resigned(given, recording))
    const hello = (await auth.users.byUsername('hello'))?.id
    const url = `http://localhost${request.path.replace('/users/5/', `/users/${hello}/`)}`
    const answer = await view(new Request(url, { method: request.method, headers, body: request.body }))
    judge(
      recording,
      comparable(answer.status, answer.headers, await answer.text()),
      comparable(response.status, new Headers(response.headers), response.body),
    )
  }
  const names = (await auth.users.list()).map(({ username }) => username)
  expect(names).toHaveLength(8)
  expect(names).toEqual(
    expect.arrayContaining([expect.stringMatching(/^root-./), expect.stringMatching(/^inactive-./)]),
  )
  expect(names).not.toContain('<script>')
  expect(Object.keys(DIFFERENCES).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  count('recordings of django_pyjwt_example', all.length)
  expect(all).toHaveLength(25)
})

function judge({ label }: Recording, ours: Answer, original: Answer): void {
  expect([label, ours.challenge]).toEqual([label, null])
  const difference = DIFFERENCES[label]
  if (!difference) {
    expect(ours, label).toEqual(original)
    return
  }
  expect(ours, `${label} is in the list and is no difference`).not.toEqual(original)
  expect({ status: ours.status, body: ours.body }, label).toEqual({ status: difference.status, body: difference.body })
}

test('an answer that is not the original’s is found, and so is one of the list that is', () => {
  const [plain, listed] = ['garbage', 'EXPIRED'].map((label) => ({ label }) as Recording)
  const original: Answer = { status: 403, challenge: null, allow: null, type: null, body: malformed }
  expect(() => judge(plain as Recording, original, original)).not.toThrow()
  for (const wrong of [{ status: 401 }, { challenge: 'Bearer' }, { body: { detail: 'No.' } }])
    expect(() => judge(plain as Recording, { ...original, ...wrong }, original)).toThrow()
  expect(() => judge(listed as Recording, original, original)).toThrow(/is in the list and is no difference/)
  expect(() => judge(listed as Recording, { ...original, status: 500 }, original)).toThrow()
})
