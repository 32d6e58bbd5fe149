/** Promises about accounts that come from another system: once, whole, never over somebody, and what they were ended for stays ended. */
import { expect, onTestFinished, test } from 'vitest'
import { createAuth, type ImportedAccount } from '../../src/index.js'
import { outcome } from './fixtures.js'

const hash = 'pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A='
const clock = () => 1_800_000_000

function start() {
  const secret = 'S3cret-that-is-long-enough-for-a-test-of-imports'
  const auth = createAuth({ issuer: 'https://api.example.com', database: 'memory', secret, clock })
  onTestFinished(() => auth.close())
  const outcomes = async (rows: readonly ImportedAccount[], options = {}) =>
    (await auth.users.import(rows, options)).map((one) => one.outcome)
  return { auth, outcomes }
}

const row = (id: string, over: object = {}): ImportedAccount => ({
  id,
  username: `user${id}`,
  passwordHash: hash,
  ...over,
})

test('an account comes with all that is known of it, and logs in with the password it had', async () => {
  const { auth } = start()
  await auth.groups?.create('editors', ['posts:*'])
  const facts = {
    email: 'Ann@Example.com',
    permissions: ['blog.post:add'],
    createdAt: 5,
    lastLoginAt: 6,
    attributes: { first_name: 'Ann' },
  }
  const [ann] = await auth.users.import([row('1', { username: 'Ann', groups: ['editors'], ...facts })])
  expect(ann).toEqual({ id: '1', outcome: 'created', without: [], problems: [] })
  expect(await auth.users.byId('1')).toMatchObject({
    ...facts,
    username: 'ann',
    email: 'ann@example.com',
    active: true,
    admin: false,
    permissions: ['blog.post:add', 'posts:*'],
  })
  const head = { method: 'POST', header: () => undefined }
  const login = (password: string) =>
    outcome(auth.operations.login({ username: 'ANN', password }, { head, peer: { address: undefined } } as never))
  expect([await login('lètmein'), await login('letmein')]).toEqual(['ok', 'login_failed'])
})

test('a second import changes nothing: known, renamed, deleted', async () => {
  const { auth, outcomes } = start()
  expect(await outcomes([row('1'), row('2'), row('3')])).toEqual(['created', 'created', 'created'])
  await auth.users.remove('3')
  await auth.users.disable('1')
  const again = [row('1', { permissions: ['x:y'] }), row('2', { username: 'other' }), row('3')]
  expect(await outcomes(again, { dryRun: true })).toEqual(['known', 'renamed', 'deleted'])
  expect(await outcomes(again)).toEqual(['known', 'renamed', 'deleted'])
  expect(await auth.users.byId('1')).toMatchObject({ active: false, permissions: [] })
  expect(await auth.users.byId('3')).toBeUndefined()
})

test('nobody who is here is taken over, by whatever spelling, and no administrator comes', async () => {
  const { auth, outcomes } = start()
  await auth.users.create({ username: 'root', admin: true })
  const rows = [
    row('1', { username: 'ROOT', admin: true }),
    row('2', { username: 'ro\u200bot' }),
    row('3', { admin: true }),
  ]
  expect(await outcomes(rows, { dryRun: true })).toEqual(['taken', 'taken', 'created'])
  expect(await outcomes(rows)).toEqual(['taken', 'taken', 'created'])
  expect((await auth.users.byId('3'))?.admin).toBe(false)
  expect((await auth.users.byUsername('root'))?.id).not.toBe('1')
})

test('of two with one address the first keeps it; an address or a hash that is none is left away', async () => {
  const { auth } = start()
  const told = await auth.users.import([
    row('1', { email: 'ann@example.com' }),
    row('2', { email: 'ANN@example.com' }),
    row('3', { email: 'no address' }),
    row('4', { passwordHash: 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', email: 'ann@example.com' }),
    row('5', { passwordHash: null }),
  ])
  expect(told.map(({ outcome }) => outcome)).toEqual(Array(5).fill('created'))
  expect(told.map(({ without }) => without)).toEqual([[], ['email'], ['email'], ['email', 'passwordHash'], []])
  expect((await auth.users.byId('2'))?.email).toBeNull()
})

test('what is no account is refused by path, never by value, and hinders nobody else', async () => {
  const { auth, outcomes } = start()
  const wrong = [
    null,
    'x',
    row('', {}),
    row('1', { username: '\u0000' }),
    row('2', { username: 'x'.repeat(1_000_000) }),
    row('3', { active: 1 }),
    row('4', { groups: 'editors' }),
    row('5', { createdAt: -1 }),
    row('6', { lastLoginAt: '2020' }),
    row('7', { attributes: [] }),
    row('8', { permissions: ['not a permission'] }),
    { username: 'without-id' },
  ] as never[]
  const told = await auth.users.import([...wrong, row('9')])
  expect(told.map(({ outcome }) => outcome)).toEqual([...wrong.map(() => 'invalid'), 'created'])
  for (const { problems, outcome } of told) expect(problems.length > 0).toBe(outcome === 'invalid')
  expect(JSON.stringify(told)).not.toContain('pbkdf2')
  expect(await outcomes([row('9'), row('9', { username: 'twice' })])).toEqual(['known', 'renamed'])
  expect(await outcome(auth.users.import({} as never))).toBe('request_invalid')
})

test('tokens that another server ended are dead here until they would have been over anyway', async () => {
  const { auth } = start()
  const user = await auth.users.create({ username: 'ann' })
  const { access } = await auth.tokens.issue(user)
  const { jti } = JSON.parse(Buffer.from(access.split('.')[1] as string, 'base64url').toString())
  await auth.revoke({
    jtis: [
      { jti: 'elsewhere', expiresAt: clock() + 90 * 86_400 },
      { jti, expiresAt: clock() + 60 },
    ],
  })
  expect(await outcome((async () => auth.tokens.verify(access))())).toBe('token_revoked')
  await auth.revoke({ jtis: [] })
  for (const jtis of ['x', [null], [{ jti: '', expiresAt: 1 }], [{ jti: 'x' }], [{ jti: 'x', expiresAt: 1.5 }]]) {
    expect(await outcome(auth.revoke({ jtis } as never))).toBe('request_invalid')
  }
})

test('no other issuer can be called as the row of imports, and speak for its users', () => {
  const secret = 'S3cret-that-is-long-enough-for-a-test-of-imports'
  const issued = (id: string) => ({
    id,
    issuer: 'https://idp.example.com',
    audience: 'us',
    algorithms: ['RS256'] as const,
  })
  const make = (id: string) =>
    createAuth({ issuer: 'https://api.example.com', database: 'memory', secret, issuers: [issued(id)] })
  expect(() => make('import')).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect(() => make('other')).not.toThrow()
})
