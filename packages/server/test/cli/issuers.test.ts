/** Other issuers from the configuration to the answer: `issuers check`, tokens that the server takes, `token explain` and links. */

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import type { IssuerOptions } from 'latchkey'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { EXIT } from '../../src/cli/failure.js'
import { loadConfig } from '../../src/config/load.js'
import { openAuth } from '../../src/config/open.js'
import { cliKit } from './cli-kit.js'

const { cli, dev, folder } = cliKit(afterAll)
const COMPANY = 'https://login.company.example'
const SECRET = 'a shared secret of thirty-two bytes or more'
const schema = { type: 'object', properties: { team: { type: 'string' } }, required: ['team'] }
const company = { id: 'company', issuer: COMPANY, audience: 'me', keys: { pemFile: 'company.pub' }, schema }

const configure = (issuers: readonly object[]) =>
  writeFileSync(`${folder}/latchkey.config.jsonc`, JSON.stringify({ issuers }))

/** A token of the company, as it should be but for what is said. */
async function token(...words: readonly string[]): Promise<string> {
  const usual = ['--issuer', COMPANY, '--audience', 'me', '--subject', 'u-1', '--claim', 'team=red']
  const { out, err } = await cli(['token', 'issue', '--key', 'company.pem', ...usual, ...words])
  expect(err).toMatch(/^expires/)
  return out.trim()
}

beforeAll(async () => {
  await dev('keys generate company.pem --type rsa-2048 --public company.pub')
  await dev('keys generate other.pem --type rsa-2048 --public other.pub')
  writeFileSync(`${folder}/shared.secret`, `${SECRET}\n`, { mode: 0o600 })
  configure([company, { id: 'shared', keys: { secretFile: 'shared.secret' }, algorithms: ['HS256'], users: 'known' }])
})

async function served(body: () => object | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    const json = body()
    response.writeHead(json ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify(json ?? {}))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
}

describe('token explain', () => {
  const explain = async (text: string) => {
    const { exit, out } = await dev(`token explain ${text}`)
    expect(out).not.toContain(text.split('.')[2])
    return { exit, out, marks: out.match(/^[✔✘·] \w+( rest)?/gm) }
  }
  const passed = (...names: string[]) => names.map((name) => `✔ ${name}`)
  const upToClaims = ['form', 'issuer', 'key', 'signature', 'typ', 'iss', 'aud']

  test('names the row, each check and the user of a good token, and leaves no trace', async () => {
    const { exit, out, marks } = await explain(await token())
    expect([exit, marks]).toEqual([
      EXIT.ok,
      passed(...upToClaims, 'exp', 'iat', 'lifetime', 'sub', 'schema', 'revoked', 'user'),
    ])
    expect(out).toMatch(/✔ issuer +company\n/)
    expect(out).toMatch(/✔ user +nobody yet: the first request makes one/)
    expect((await dev('users list --json')).value).toEqual({ users: [] })
  })

  test.each<[string, string[], string, RegExp]>([
    ['another audience', ['--audience', 'x'], 'aud', /x: aud is "x", wanted me/],
    ['an hour that is over', ['--claim', 'exp:=1000000001'], 'exp', /2001-09-09 .*: expired/],
    ['a start to come', ['--claim', 'nbf:=99999999999'], 'nbf', /valid in/],
    ['a life of a year', ['--expires', '365d'], 'lifetime', /31536000s/],
    ['another type', ['--typ', 'logout+jwt'], 'typ', /logout\+jwt/],
    ['claims that the schema refuses', ['--claim', 'team:=5'], 'schema', /\/team must be string/],
  ])('stops at %s, and shows nothing behind it', async (_what, words, name, detail) => {
    const { exit, out, marks } = await explain(await token(...words))
    expect(exit).toBe(EXIT.failed)
    expect(marks?.slice(-3)).toEqual([`✘ ${name}`, '· the rest', '· user'])
    expect(out.split('\n').find((line) => line.startsWith('✘'))).toMatch(detail)
    expect(out).toMatch(/The token is refused: /)
  })

  test('shows no claim of a token whose signature is not good, whoever it says it is of', async () => {
    const [good, forged] = [await token(), await token('--key', 'other.pem')]
    const mixed = [...good.split('.').slice(0, 2), forged.split('.')[2]].join('.')
    const { marks, out } = await explain(mixed)
    expect(marks).toEqual([...passed('form', 'issuer', 'key'), '✘ signature', '· claims', '· user'])
    expect(out).not.toContain('u-1')
    const nobody = await explain(await token('--issuer', 'https://nobody.example'))
    expect(nobody.marks).toEqual(['✔ form', '✘ issuer', '· key', '· signature', '· claims'])
    const unknown = await explain(await token('--algorithm', 'PS512'))
    expect(unknown.marks?.slice(1, 3)).toEqual(['✔ issuer', '✘ key'])
  })

  test('tells our own tokens from theirs', async () => {
    await dev('users add alice --no-password')
    const own = (await dev('token issue --user alice')).out.trim()
    const { exit, out } = await explain(own)
    expect([exit, out]).toEqual([EXIT.ok, expect.stringMatching(/✔ issuer +this server\n/)])
  })
})

test('users link lets tokens of another issuer stand for a user, and unlink takes it back', async () => {
  await dev('users add bob --no-password')
  const { out } = await cli(['token', 'issue', '--key', 'shared.secret', '--algorithm', 'HS256', '--subject', 'b-1'])
  const explained = async () => (await dev(`token explain ${out.trim()}`)).out
  expect(await explained()).toMatch(/✘ user +user_gone\n\nThe token is refused: user_inactive/)
  const linked = await dev('users link bob --issuer shared --subject b-1')
  expect(linked).toMatchObject({ exit: EXIT.ok, out: 'bob is b-1 of shared now.\n' })
  expect(await explained()).toMatch(/✔ user +bob\n\nThe token is good/)
  expect((await dev('users link alice --issuer shared --subject b-1 --json')).value).toMatchObject({
    error: { code: 'conflict' },
  })
  await dev('users disable bob')
  expect(await explained()).toMatch(/✘ user +bob, disabled/)
  expect((await dev('users unlink bob --issuer shared --subject b-1 --json')).value).toMatchObject({ linked: false })
  expect(await explained()).toMatch(/✘ user +user_gone/)
  expect(await dev('users unlink bob --issuer shared --subject b-1')).toMatchObject({ exit: EXIT.failed })
  expect(await dev('users link bob --issuer nobody --subject b-1')).toMatchObject({ exit: EXIT.usage })
  expect(await dev('users link bob --subject b-1')).toMatchObject({ exit: EXIT.usage })
})

describe('issuers check', () => {
  test('shows the keys of each issuer, and ends with 0 where all can be used', async () => {
    const { exit, out } = await dev('issuers check')
    expect(exit).toBe(EXIT.ok)
    expect(out).toMatch(/^✔ company, https:\/\/login\.company\.example\n {2}keys from the configuration\n {2}KEY /)
    expect(out).toMatch(/\(no name\) +RS256 +[\w-]{43}\n/)
    expect(out).toMatch(/✔ shared, tokens without iss\n/)
    expect(out).not.toContain(SECRET)
  })

  test('fetches now, tells what it refused and what does not fit, and ends with 1 for an issuer that cannot be used', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const good = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' }
    let keys: object | undefined = { keys: [good, { kty: 'RSA', kid: 'weak', n: 'AQAB', e: 'AQAB', alg: 'RS256' }] }
    const jwksUrl = await served(() => keys)
    const remote = { id: 'remote', issuer: 'https://remote.example', keys: { jwksUrl }, algorithms: ['ES256', 'RS256'] }
    const files = cliKit()
    const check = (...words: string[]) => files.cli(['issuers', 'check', '--dev', ...words])
    writeFileSync(`${files.folder}/latchkey.config.jsonc`, JSON.stringify({ issuers: [remote] }))
    const fetched = await check('--json')
    expect([fetched.exit, fetched.value]).toMatchObject([
      EXIT.ok,
      {
        issuers: [
          {
            id: 'remote',
            usable: true,
            url: jwksUrl,
            ageSeconds: expect.any(Number),
            keys: [{ kid: 'a', alg: 'ES256' }],
            refused: [{ index: 1, hint: expect.any(String) }],
            mismatches: ['RS256 is pinned, and no key is for it.'],
            error: null,
          },
        ],
      },
    ])
    expect((await check()).out).toMatch(
      /keys from http\S+, \ds old\n[\s\S]*refused: key 1, [\s\S]*mismatch: RS256 is pinned/,
    )
    keys = undefined
    const down = await check()
    expect([down.exit, down.out]).toEqual([EXIT.failed, expect.stringMatching(/^✘ remote, [\s\S]*failed: /)])
    keys = { keys: [] }
    expect(await check('--json')).toMatchObject({ exit: EXIT.failed })
  })

  test('stops at a configuration that cannot be used', async () => {
    const files = cliKit()
    const check = async (issuers: unknown) => {
      writeFileSync(`${files.folder}/latchkey.config.jsonc`, JSON.stringify({ issuers }))
      return files.cli(['issuers', 'check', '--dev'])
    }
    const bad: [object, RegExp][] = [
      [{ id: 'a', keys: { pemFile: 'nothing.pem' } }, /issuers\[0\]\.keys\.pemFile names a file that cannot be read/],
      [{ id: 'a', keys: { secretFile: 'nothing' } }, /issuers\[0\]\.keys\.secretFile names a file that does not exist/],
      [{ id: 'a', isuer: 'x' }, /issuers\[0\]\.isuer is not an option/],
      [{ ...company, keys: { jwks: { keys: [] } } }, /there is no key/],
      [{ id: 'a', keys: { secret: SECRET }, algorithms: ['HS256'], schema: { nope: 1 } }, /nope/],
    ]
    for (const [row, said] of bad)
      expect(await check([row])).toMatchObject({ exit: EXIT.config, err: expect.stringMatching(said) })
    writeFileSync(`${files.folder}/latchkey.config.jsonc`, '{}')
    expect(await files.cli(['issuers', 'check', '--dev'])).toMatchObject({ exit: EXIT.failed })
  })
})

test('a server takes the tokens of a row that says everything a row can say', async () => {
  const files = cliKit()
  const { cli: run } = files
  await run(['keys', 'generate', '--type', 'p-256', '--public', 'public.pem'])
  const every: Record<Exclude<keyof IssuerOptions, 'admit'>, unknown> = {
    id: 'everything',
    issuer: COMPANY,
    keys: { pemFile: ['public.pem'] },
    algorithms: ['ES256'],
    audience: ['me', 'you'],
    typ: ['at+jwt'],
    leeway: '5s',
    maxLifetime: '1h',
    schema,
    subject: 'uid',
    scope: 'scp',
    username: 'name',
    email: ['contact', 'mail'],
    attributes: { team: 'team' },
    permissions: { claim: ['access', 'roles'], values: { editor: ['posts:write'] } },
    users: 'create',
    newUsers: { points: 3, seconds: 60 },
  }
  writeFileSync(`${files.folder}/latchkey.config.jsonc`, JSON.stringify({ issuers: [every] }))
  const claims = ['uid=u-1', 'name=hello', 'team=red', 'scp:=["a","b"]', 'access:={"roles":["editor"]}']
  const token = async (typ: string) =>
    (
      await run([
        'token',
        'issue',
        '--key',
        'private.pem',
        '--issuer',
        COMPANY,
        '--audience',
        'you',
        '--typ',
        typ,
        '--claim',
        ...claims,
      ])
    ).out.trim()
  const auth = openAuth(loadConfig({ dev: true }, { env: {}, cwd: files.folder }), () => Math.floor(Date.now() / 1000))
  onTestFinished(() => auth.close())
  const me = async (typ: string) => {
    const headers = { authorization: `Bearer ${await token(typ)}` }
    const response = await auth.handle(new Request('http://localhost/auth/me', { headers }), { address: undefined })
    return { status: response?.status, body: await response?.json() }
  }
  expect(await me('at+jwt')).toMatchObject({ status: 200, body: { username: 'hello' } })
  expect(await me('JWT')).toMatchObject({ status: 401 })
  expect((await auth.users.byUsername('hello'))?.attributes).toEqual({ team: 'red' })
  const header = `Bearer ${await token('at+jwt')}`
  const { context } = await auth.authenticate({ method: 'GET', header: () => header })
  expect([await context?.can('posts:write'), await context?.can('posts:read')]).toEqual([true, false])
  expect([...(context?.scopes ?? [])]).toEqual(['a', 'b'])
})
