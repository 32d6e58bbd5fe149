/** The cookies of jwtauth as the README has them, by a client in Python; and what a process that is killed has kept. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { compileExample } from '../../../scripts/lib/examples.mjs'
import { freePort } from '../../../scripts/lib/free-port.mjs'
import { peers } from '../../../scripts/services.mjs'
import { followReadme } from '../../lib/readme.js'

const README = new URL('../README.md', import.meta.url)
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const cwd = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(`${tmpdir()}/latchkey-cookies-`)
const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
// Debian's own Python, whatever other is on the PATH.
const env = { PATH: `${folder}:${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1' }
const children: ChildProcess[] = []

beforeAll(async () => {
  await peers()
  await compileExample('cookie-auth')
  symlinkSync('/usr/bin/python3', `${folder}/python3`)
}, 120_000)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function started(...more: readonly string[]) {
  const keys = { LATCHKEY_SECRET: SECRET, DJANGO_SECRET_KEY: `${SECRET}-of-django` }
  const child = spawn(process.execPath, [main, '--port', String(await freePort()), ...more], {
    env: { ...process.env, ...keys },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const text of child.stdout) {
    const [, base] = /listening on (https?:\/\/localhost:\d+)/.exec(String(text)) ?? []
    if (base) return { base, kill: () => end(child) }
  }
  throw new Error('the example ended before it listened')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('what the README says is what happens', async () => {
  const { base } = await started('--tls', '--access-lifetime', '3')
  expect(await followReadme(README, base, { cwd, env })).toBe(1)
}, 60_000)

test('a process that is killed in the moment after a logout has kept it, and who stayed signed in is so still', async () => {
  const database = ['--database', `sqlite:${folder}/users.db`]
  const before = await started(...database)
  const [gone, here] = [await logIn(before.base, 'alice'), await logIn(before.base, 'bob')]
  expect(await status(before.base, 'GET', '/logged/', gone)).toBe(204)
  expect(await status(before.base, 'DELETE', '/logout', gone)).toBe(204)
  await before.kill()
  const after = await started(...database)
  expect(await status(after.base, 'GET', '/logged/', gone)).toBe(403)
  expect(await status(after.base, 'GET', '/logged/', here)).toBe(204)
}, 60_000)

async function logIn(base: string, username: string): Promise<string> {
  const body = JSON.stringify({ username, password: 'password' })
  const response = await fetch(`${base}/login/`, { method: 'POST', body })
  expect(response.status).toBe(204)
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}

async function status(base: string, method: string, path: string, cookie: string): Promise<number> {
  return (await fetch(base + path, { method, headers: { cookie } })).status
}
