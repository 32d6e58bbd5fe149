/** PyJWT as Debian has it and this: what one signs the other takes, and what one refuses so does the other. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peers } from '../../../../scripts/services.mjs'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from './cli-kit.js'

const { cli, dev, folder } = cliKit(afterAll)
const ISSUER = 'https://login.example.com'
const SECRET = 'a shared secret of thirty-two bytes or more'
const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8')

/** Each with a row of its own: the same secret or key under two names would be two users of one subject. */
const ALGORITHMS = [
  ['RS256', 'rsa-2048'],
  ['RS512', 'rsa-2048'],
  ['PS256', 'rsa-2048'],
  ['ES256', 'p-256'],
  ['EdDSA', 'ed25519'],
  ['HS256', undefined],
] as const

beforeAll(async () => {
  await peers()
  writeFileSync(`${folder}/HS256.pem`, SECRET, { mode: 0o600 })
  writeFileSync(`${folder}/HS256.pub`, SECRET, { mode: 0o600 })
  writeFileSync(`${folder}/HS256.other`, `not ${SECRET}`)
  for (const [alg, type] of ALGORITHMS)
    if (type) {
      await dev(`keys generate ${alg}.pem --type ${type} --public ${alg}.pub`)
      await dev(`keys generate ${alg}.other --type ${type}`)
    }
  const issuers = ALGORITHMS.map(([alg, type]) => ({
    id: alg,
    issuer: `${ISSUER}/${alg}`,
    audience: 'api',
    algorithms: [alg],
    keys: type ? { pemFile: `${alg}.pub` } : { secretFile: `${alg}.pub` },
  }))
  writeFileSync(`${folder}/latchkey.config.jsonc`, JSON.stringify({ issuers }))
}, 300_000)

const PROGRAM = `
import json, sys, jwt
said = json.load(sys.stdin)
assert jwt.__file__.startswith('/usr/lib/python3/'), jwt.__file__
if 'claims' in said:
    print(json.dumps(jwt.encode(said['claims'], said['key'], algorithm=said['alg'])))
else:
    try:
        print(json.dumps(jwt.decode(said['token'], said['key'], algorithms=[said['alg']], audience='api', issuer=said['iss'])))
    except jwt.exceptions.InvalidTokenError as error:
        print(json.dumps({'refused': type(error).__name__}))
`

/** Debian's Python with nothing of anybody else's in its path. */
function python(said: object): never {
  const input = JSON.stringify(said)
  return JSON.parse(execFileSync('/usr/bin/python3', ['-I', '-c', PROGRAM], { input }).toString()) as never
}

const issue = async (alg: string, ...words: string[]): Promise<string> => {
  const usual = ['--issuer', `${ISSUER}/${alg}`, '--audience', 'api', '--subject', 'u-1', '--claim', 'team:=["red"]']
  const { exit, out } = await cli(['token', 'issue', '--key', `${alg}.pem`, '--algorithm', alg, ...usual, ...words])
  expect(exit).toBe(EXIT.ok)
  return out.trim()
}

test.each(ALGORITHMS)('%s: what PyJWT signs is good here, and what its key did not sign is not', async (alg) => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: `${ISSUER}/${alg}`, aud: 'api', sub: 'u-1', iat: now, exp: now + 60 }
  const sign = (more: object = {}): string => python({ key: read(`${alg}.pem`), alg, claims: { ...claims, ...more } })
  const good = await dev(`token explain ${sign()}`)
  expect([good.exit, good.out]).toEqual([EXIT.ok, expect.stringContaining(`issuer    ${alg}\n`)])
  const expired = await dev(`token explain ${sign({ exp: now - 60 })} --json`)
  expect([expired.exit, expired.value]).toMatchObject([EXIT.failed, { code: 'token_expired' }])
  const forged = await dev(`token explain ${python({ key: read(`${alg}.other`), alg, claims })} --json`)
  expect([forged.exit, forged.value]).toMatchObject([EXIT.failed, { code: 'token_invalid', reason: 'signature' }])
})

test.each(ALGORITHMS)('%s: what `token issue` signs is good for PyJWT, and refused where it should be', async (alg) => {
  const token = await issue(alg)
  const decode = (text: string): unknown =>
    python({ token: text, key: read(`${alg}.pub`), alg, iss: `${ISSUER}/${alg}` })
  expect(decode(token)).toMatchObject({ iss: `${ISSUER}/${alg}`, aud: 'api', sub: 'u-1', team: ['red'] })
  expect(decode(await issue(alg, '--claim', 'exp:=1000000000'))).toEqual({ refused: 'ExpiredSignatureError' })
  const [head, body = '', signature] = token.split('.')
  const changed = Buffer.from(body, 'base64url').toString().replace('u-1', 'u-2')
  const forged = [head, Buffer.from(changed).toString('base64url'), signature].join('.')
  expect(decode(forged)).toEqual({ refused: 'InvalidSignatureError' })
})
