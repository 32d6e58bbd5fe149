/** Configuration: what overrules what, and what does not start. No refusal repeats a value. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EXIT, type Failure } from '../../src/cli/failure.js'
import { parseJsonc } from '../../src/config/jsonc.js'
import { type Config, type Flags, loadConfig } from '../../src/config/load.js'
import { type Setting, settingNames, variableOf } from '../../src/config/settings.js'

const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'

function place() {
  const cwd = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const write = (name: string, content: string | object, mode = 0o600) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(cwd, name), text, { mode })
    return join(cwd, name)
  }
  const load = (flags: Flags = {}, env: Record<string, string> = {}): Config =>
    loadConfig(flags, { cwd, env: { LATCHKEY_SECRET: SECRET, ...env } })
  const refusal = (flags: Flags = {}, env: Record<string, string> = {}): string => {
    try {
      loadConfig(flags, { cwd, env })
    } catch (error) {
      expect((error as Failure).exit).toBe(EXIT.config)
      return (error as Failure).message
    }
    return 'nothing was refused'
  }
  return { cwd, write, load, refusal }
}

const FILE = 'latchkey.config.jsonc'
const BASE = { issuer: 'https://file.example.com', database: 'sqlite:file.db', port: 1 }

test('flags overrule the environment, the environment overrules the file, the file the defaults', () => {
  const { load, write } = place()
  expect(load({ dev: true }).port).toBe(4180)
  write(FILE, BASE)
  expect(load().port).toBe(1)
  expect(load({}, { LATCHKEY_PORT: '2' }).port).toBe(2)
  expect(load({ values: { port: '3' } }, { LATCHKEY_PORT: '2' }).port).toBe(3)
  expect(load({}, { LATCHKEY_ISSUER: 'https://env.example.com' }).issuer).toBe('https://env.example.com')
})

test('a path in the file starts at the file, any other where the command runs', () => {
  const { cwd, load, write } = place()
  mkdirSync(join(cwd, 'etc'))
  write('etc/other.jsonc', BASE)
  expect(load({ config: 'etc/other.jsonc' }).database).toBe(`sqlite:${cwd}/etc/file.db`)
  expect(load({}, { LATCHKEY_CONFIG: 'etc/other.jsonc' }).database).toBe(`sqlite:${cwd}/etc/file.db`)
  expect(load({ config: 'etc/other.jsonc' }, { LATCHKEY_DATABASE: 'sqlite:x.db' }).database).toBe(`sqlite:${cwd}/x.db`)
})

test('every setting can be said in the file and in the environment', () => {
  const values: Record<Setting, [unknown, string]> = {
    issuer: ['https://a.example.com', 'https://a.example.com'],
    redis: ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    database: ['memory', 'memory'],
    secretFile: ['secret', 'secret'],
    port: [80, '80'],
    host: ['::', '::'],
    trustProxy: [['10.0.0.0/8', '::1'], '10.0.0.0/8, ::1'],
    audience: [['a', 'b'], 'a,b'],
    algorithm: ['EdDSA', 'EdDSA'],
    accessLifetime: ['1m', '1m'],
    refreshLifetime: [3600, '3600'],
    idleLifetime: ['1h', '1h'],
    grace: ['5s', '5s'],
    refresh: ['fixed', 'fixed'],
    sessionLimit: [3, '3'],
    register: [true, 'true'],
    cookies: ['split', 'split'],
    cookieDomain: ['example.com', 'example.com'],
    silentRefresh: [true, 'true'],
    origin: ['https://a.example.com', 'https://a.example.com'],
    'cors.origins': [['https://app.example.com'], 'https://app.example.com'],
    'requireAuthentication.rest': [true, '1'],
    'requireAuthentication.graphql': [false, 'false'],
    issuers: [[{ id: 'company', issuer: 'https://a.example' }], '[{"id":"company","issuer":"https://a.example"}]'],
    tls: [false, '0'],
    logLevel: ['warn', 'warn'],
  }
  for (const name of settingNames) {
    const { cwd, load, write } = place()
    const [value, text] = values[name]
    write('secret', SECRET)
    const byEnv = loadConfig({ dev: true }, { cwd, env: { [variableOf(name)]: text } })
    const [above, below] = name.split('.') as [string, string?]
    write(FILE, { [above]: below === undefined ? value : { [below]: value } })
    const expected = name === 'secretFile' ? join(cwd, 'secret') : value
    expect([name, load({ dev: true }).said[name]]).toEqual([name, expected])
    expect([name, byEnv.said[name]]).toEqual([name, expected])
  }
})

const CANARY = 'canary-value'

test('what cannot be meant stops the start, named and never repeated', () => {
  const rows: [unknown, Record<string, string>, RegExp][] = [
    [{ ...BASE, isuer: CANARY }, {}, /^isuer \(latchkey\.config\.jsonc\) is not a setting/],
    [{ ...BASE, secret: CANARY }, {}, /^secret \(/],
    [{ ...BASE, requireAuthentication: { soap: true } }, {}, /^requireAuthentication\.soap /],
    [{ ...BASE, requireAuthentication: true }, {}, /^requireAuthentication /],
    [{ ...BASE, port: CANARY }, {}, /^port .* must be a whole number/],
    [{ ...BASE, port: -1 }, {}, /^port /],
    [{ ...BASE, port: 65_536 }, {}, /^port must be at most 65535/],
    [{ ...BASE, issuer: null }, {}, /^issuer .* must be text/],
    [{ ...BASE, issuer: { a: { b: CANARY } } }, {}, /^issuer\.a /],
    [{ ...BASE, register: CANARY }, {}, /^register .* true or false/],
    [{ ...BASE, audience: [CANARY, 1] }, {}, /^audience /],
    [{ ...BASE, refresh: CANARY }, {}, /^refresh .* rotating, fixed, single/],
    [{ ...BASE, issuers: CANARY }, {}, /^issuers .* must be a list of objects/],
    [{ ...BASE, issuers: [] }, {}, /^issuers /],
    [{ ...BASE, issuers: [{ admit: CANARY }] }, {}, /^issuers .* without `admit`/],
    [BASE, { LATCHKEY_ISSUERS: CANARY }, /^issuers \(LATCHKEY_ISSUERS\)/],
    [{ ...BASE, tls: true }, {}, /^tls is for development/],
    [{ ...BASE, __proto__: null, constructor: CANARY }, {}, /^constructor /],
    ['{ "port": ', {}, /cannot be read/],
    [`{ "issuer": ${CANARY} }`, {}, /cannot be read/],
    ['[]', {}, /must be an object/],
    [BASE, { LATCHKEY_PROT: CANARY }, /^LATCHKEY_PROT \(environment\) is not a setting/],
    [BASE, { LATCHKEY_PORT: CANARY }, /^port \(LATCHKEY_PORT\)/],
    [BASE, { LATCHKEY_PORT: '' }, /^port /],
    [BASE, { LATCHKEY_SECRET_FILE: '/x', LATCHKEY_SECRET: SECRET }, /are both set/],
    [BASE, { LATCHKEY_CONFIG: 'missing.jsonc' }, /does not exist/],
    [BASE, {}, /^secretFile is missing/],
    [{ database: 'memory' }, { LATCHKEY_SECRET: SECRET }, /^issuer is missing/],
    [{ issuer: BASE.issuer }, { LATCHKEY_SECRET: SECRET }, /^database is missing/],
  ]
  for (const [content, env, message] of rows) {
    const { refusal, write } = place()
    write(FILE, content as object)
    const said = refusal({}, env)
    expect(said).toMatch(message)
    expect(said).not.toContain(CANARY)
  }
})

test('a secret file that others can read, or that leads elsewhere, is refused', () => {
  const { cwd, load, refusal, write } = place()
  const at = (name: string) => ({ ...BASE, secretFile: name })
  const path = write('secret', `# newest first\n${SECRET}-2\n\n${SECRET}\n`)
  write(FILE, at('secret'))
  expect(loadConfig({}, { cwd, env: {} }).secrets).toEqual([`${SECRET}-2`, SECRET])
  for (const mode of [0o644, 0o604, 0o620, 0o666]) {
    chmodSync(path, mode)
    expect(refusal()).toMatch(/can be read by others/)
  }
  chmodSync(path, 0o640)
  expect(loadConfig({}, { cwd, env: {} }).secrets).toHaveLength(2)

  const elsewhere = place()
  symlinkSync(path, join(elsewhere.cwd, 'link'))
  elsewhere.write(FILE, at('link'))
  expect(elsewhere.refusal()).toMatch(/link that leads out/)
  symlinkSync('secret', join(cwd, 'inside'))
  write(FILE, at('inside'))
  expect(loadConfig({}, { cwd, env: {} }).secrets).toHaveLength(2)
  write(FILE, at('missing'))
  expect(refusal()).toMatch(/does not exist/)
  write('empty', '# nothing\n')
  write(FILE, at('empty'))
  expect(refusal()).toMatch(/without a secret/)
  expect(load({}, { LATCHKEY_SECRET: 'a,b' }).secrets).toEqual(['a', 'b'])
})

test('development makes its secret once, for its owner only', () => {
  const { cwd } = place()
  const load = () => loadConfig({ dev: true }, { cwd, env: {} })
  const { secrets, issuer, database } = load()
  expect(load().secrets).toEqual(secrets)
  expect(secrets[0]?.length).toBeGreaterThan(40)
  expect(statSync(join(cwd, 'latchkey-data/secret')).mode & 0o777).toBe(0o600)
  expect(statSync(join(cwd, 'latchkey-data')).mode & 0o777).toBe(0o700)
  expect([issuer, database]).toEqual(['http://localhost:4180', `sqlite:${cwd}/latchkey-data/latchkey.db`])
  expect(loadConfig({}, { cwd, env: { NODE_ENV: 'development' } }).development).toBe(true)
  expect(() => loadConfig({}, { cwd, env: {} })).toThrow(/missing/)
  expect(readFileSync(join(cwd, 'latchkey-data/secret'), 'utf8')).toContain(secrets[0])
})

test('comments and trailing commas are read, and text that only looks like them is kept', () => {
  const text = '{ // one\n "a": "http://x/*y*/ , ]", /* two\n , */ "b": [1, 2, /* x */ ], "c\\"": "// \\"", }'
  expect(parseJsonc(text)).toEqual({ a: 'http://x/*y*/ , ]', b: [1, 2], 'c"': '// "' })
  for (const bad of ['[1,,]', '{ /* }', '{ "a": 1 } }']) expect(() => parseJsonc(bad)).toThrow(SyntaxError)
})
