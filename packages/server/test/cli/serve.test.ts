/** `latchkey serve`, as the process that people run: what it prints works when pasted, it stops when asked, and it forgets nothing. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const PASSWORD = 'correct horse battery'
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_')))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Running {
  readonly port: number
  readonly process: ChildProcess
  readonly exit: Promise<number | string | null>
  readonly printed: { out: string; err: string }
  /** Everything of the banner. */
  readonly banner: string
}

async function start(cwd: string, words: readonly string[] = [], env: Record<string, string> = {}): Promise<Running> {
  const port = await freePort()
  const args = [BIN, 'serve', '--port', String(port), ...words]
  const process = spawn(globalThis.process.execPath, args, { cwd, env: { ...clean, NODE_ENV: 'production', ...env } })
  onTestFinished(() => void process.kill('SIGKILL'))
  const printed = { out: '', err: '' }
  process.stdout.on('data', (chunk) => (printed.out += chunk))
  process.stderr.on('data', (chunk) => (printed.err += chunk))
  const exit = once(process, 'exit').then(([code, signal]) => signal ?? code)
  await Promise.race([
    expect.poll(() => printed.out, { timeout: 15_000 }).toMatch(/data\.me[^\n]*\n.*echo\n\n$|^\{.*\}\n$/s),
    exit.then((code) => {
      throw new Error(`it ended with ${code}: ${printed.err}`)
    }),
  ])
  return { port, process, exit, printed, banner: printed.out }
}

/** Pastes text into a shell; answers what it printed, line by line. */
async function paste(text: string): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', text], { env: clean })
  expect(stderr).toBe('')
  return stdout.trim().split('\n')
}

async function stop({ process, exit }: Running): Promise<number | string | null> {
  process.kill('SIGTERM')
  return exit
}

test('all that a first start prints works when pasted, and so does what the next start prints', async () => {
  const cwd = folderOf()
  const first = await start(cwd, ['--dev'])
  const [made, token, me, data] = await paste(first.banner)
  expect(JSON.parse(made as string)).toMatchObject({ username: 'admin', admin: true })
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  const user = JSON.parse(me as string)
  expect(user).toMatchObject({ username: 'admin', permissions: [] })
  expect(JSON.parse(data as string)).toEqual({ data: { me: user } })
  expect(first.banner.match(/^# .*[()'"`]/gm)).toBeNull()
  expect(await stop(first)).toBe(0)

  const second = await start(cwd, ['--dev'])
  expect(second.banner).not.toContain('bootstrap')
  const again = await paste(second.banner)
  expect(again).toHaveLength(3)
  expect(JSON.parse(again[1] as string)).toEqual(user)
  expect(await stop(second)).toBe(0)
  expect(second.printed.err).not.toContain(token)
})

test('once the password is another one, the lines have a place for it', async () => {
  const cwd = folderOf()
  const cli = (...words: string[]) => spawn(process.execPath, [BIN, ...words, '--dev'], { cwd, env: clean })
  const add = cli('users', 'add', 'admin', '--admin', '--password-stdin')
  add.stdin.end(PASSWORD)
  expect((await once(add, 'exit'))[0]).toBe(0)
  const running = await start(cwd, ['--dev'])
  expect(running.banner).not.toContain('bootstrap')
  expect(running.banner).toContain('"password":"<password>"')
  const [, me] = (await paste(running.banner.replaceAll('<password>', PASSWORD))).map(String)
  expect(JSON.parse(me as string)).toMatchObject({ username: 'admin' })
  await stop(running)
})

test('four processes on one empty database have one key and one code', async () => {
  const cwd = folderOf()
  const all = await Promise.all(Array.from({ length: 4 }, () => start(cwd, ['--dev', '--json'])))
  const codes = all.map(({ banner }) => JSON.parse(banner).code)
  expect(new Set(codes).size).toBe(1)
  expect(codes[0]).toMatch(/^(\w{4}-){3}\w{4}$/)
  const keys = await Promise.all(
    all.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).text()),
  )
  expect(new Set(keys).size).toBe(1)
  expect(await Promise.all(all.map(stop))).toEqual([0, 0, 0, 0])
})

test('what was acknowledged survives a SIGKILL', async () => {
  const cwd = folderOf()
  const first = await start(cwd, ['--dev', '--json'])
  const post = async (port: number, path: string, body: object, token = '') => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return response.status === 204 ? {} : response.json()
  }
  const { code } = JSON.parse(first.banner)
  const credentials = { username: 'admin', password: PASSWORD }
  await post(first.port, '/auth/bootstrap', { code, ...credentials })
  const kept = await post(first.port, '/auth/login', credentials)
  const rotated = await post(first.port, '/auth/refresh', { refresh_token: kept.refresh_token })
  const ended = await post(first.port, '/auth/login', credentials)
  await post(first.port, '/auth/logout', {}, ended.access_token)
  first.process.kill('SIGKILL')
  expect(await first.exit).toBe('SIGKILL')

  const second = await start(cwd, ['--dev', '--json', '--issuer', `http://localhost:${first.port}`])
  expect(JSON.parse(second.banner).code).toBeNull()
  const me = async (token: string) =>
    (await fetch(`http://127.0.0.1:${second.port}/auth/me`, { headers: { authorization: `Bearer ${token}` } })).json()
  expect(await me(rotated.access_token)).toMatchObject({ username: 'admin' })
  expect(await me(ended.access_token)).toMatchObject({ code: 'token_revoked' })
  expect(await post(second.port, '/auth/refresh', { refresh_token: rotated.refresh_token })).toHaveProperty(
    'access_token',
  )
  expect(await post(second.port, '/auth/refresh', { refresh_token: ended.refresh_token })).toMatchObject({
    code: 'session_revoked',
  })
  await stop(second)
})

test('a stop finishes what was begun, takes nothing new, and a taken port is one clear line', async () => {
  const cwd = folderOf()
  const running = await start(cwd, ['--dev', '--json'])
  const url = `http://127.0.0.1:${running.port}`
  const taken = spawn(process.execPath, [BIN, 'serve', '--dev', '--port', String(running.port)], { cwd, env: clean })
  let err = ''
  taken.stderr.on('data', (chunk) => (err += chunk))
  expect((await once(taken, 'exit'))[0]).toBe(1)
  expect(err).toBe(
    `latchkey: Port ${running.port} is in use.\n          stop what listens there, or choose another with --port\n`,
  )
  const body = JSON.stringify({ username: 'nobody', password: PASSWORD })
  const login = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  const begun = Array.from({ length: 8 }, () => fetch(`${url}/auth/login`, login))
  await expect.poll(() => Promise.race([begun[0], undefined])).toBeDefined()
  running.process.kill('SIGTERM')
  expect((await Promise.all(begun)).map(({ status }) => status)).toEqual(Array(8).fill(401))
  expect(await running.exit).toBe(0)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})

test('in production nothing starts without issuer and secret, and http is no issuer', async () => {
  const cwd = folderOf()
  const refused = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, [BIN, 'serve', '--json'], { cwd, env: { ...clean, NODE_ENV: '', ...env } })
    let out = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    const [code] = await once(child, 'exit')
    return [code, JSON.parse(out).error.message, JSON.parse(out).error.hint]
  }
  const good = { LATCHKEY_ISSUER: 'https://a.example.com', LATCHKEY_DATABASE: 'memory' }
  const secret = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
  const [none, http, weak] = await Promise.all([
    refused(good),
    refused({ ...good, LATCHKEY_ISSUER: 'http://a.example.com', LATCHKEY_SECRET: secret }),
    refused({ ...good, LATCHKEY_SECRET: 'secret' }),
  ])
  expect(none.slice(0, 2)).toEqual([78, 'secretFile is missing.'])
  expect(http).toEqual([78, expect.any(String), expect.stringContaining('must be https')])
  expect(weak).toEqual([78, expect.any(String), expect.stringMatching(/^secret: /)])
})

test('with --tls the lines reach a server whose certificate curl was told to believe', async () => {
  const running = await start(folderOf(), ['--dev', '--tls'])
  const [made, , me] = await paste(running.banner)
  expect(JSON.parse(made as string).username).toBe('admin')
  expect(JSON.parse(me as string).username).toBe('admin')
  expect(await stop(running)).toBe(0)
})

test('a secret that does not open the store ends the start; nothing new is made', async () => {
  const cwd = folderOf()
  const secret = (n: number) => `a-secret-for-tests-only-0123456789-abcdefghijk${n}`
  const first = await start(cwd, ['--dev', '--json'], { LATCHKEY_SECRET: secret(1) })
  expect(await stop(first)).toBe(0)
  const env = { ...clean, LATCHKEY_SECRET: secret(2) }
  const child = spawn(process.execPath, [BIN, 'serve', '--dev', '--json', '--port', String(first.port)], { cwd, env })
  let out = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  expect((await once(child, 'exit'))[0]).toBe(78)
  expect(JSON.parse(out).error.code).toBe('options_invalid')
})

test('a server whose store comes late waits for it, and stops while it waits', async () => {
  const cwd = folderOf()
  const port = await freePort()
  const env = { ...clean, LATCHKEY_DATABASE: 'sqlite:later/auth.db' }
  const spawned = () => spawn(process.execPath, [BIN, 'serve', '--dev', '--json', '--port', String(port)], { cwd, env })
  const status = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      (answer) => answer.status,
      () => 0,
    )
  const child = spawned()
  onTestFinished(() => void child.kill('SIGKILL'))
  await expect.poll(() => status('/healthz'), { timeout: 15_000 }).toBe(200)
  expect(await status('/readyz')).toBe(503)
  mkdirSync(join(cwd, 'later'))
  await expect.poll(() => status('/readyz'), { timeout: 15_000 }).toBe(200)
  child.kill('SIGTERM')
  expect((await once(child, 'exit'))[0]).toBe(0)

  rmSync(join(cwd, 'later'), { recursive: true })
  const waiting = spawned()
  await expect.poll(() => status('/healthz'), { timeout: 15_000 }).toBe(200)
  waiting.kill('SIGTERM')
  expect((await once(waiting, 'exit'))[0]).toBe(0)
})
