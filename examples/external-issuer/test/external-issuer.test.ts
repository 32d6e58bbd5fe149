/** The external issuer as its README tells it: openssl, `latchkey token issue` and curl, and 50 first requests at the same moment. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme, type Where } from '../../lib/readme.js'
import { externalIssuer } from '../src/app.js'

const README = new URL('../README.md', import.meta.url)
const BIN = fileURLToPath(new URL('../../../packages/server/dist/bin.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'latchkey-external-'))
const where: Where = { cwd: folder, env: { PATH: `${folder}:${process.env.PATH}` } }
const stopping: (() => void)[] = []
let base: string

/** The first block makes the key that the server is started with. */
beforeAll(async () => {
  writeFileSync(`${folder}/latchkey`, `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@" 2> /dev/null\n`)
  chmodSync(`${folder}/latchkey`, 0o755)
  await followReadme(README, '', { ...where, to: 1 })
  base = await started(undefined)
}, 120_000)
afterAll(() => {
  for (const stop of stopping) stop()
  rmSync(folder, { recursive: true, force: true })
})

async function started(schema: object | undefined): Promise<string> {
  const publicKey = readFileSync(`${folder}/public.pem`, 'utf8')
  const secret = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
  const { app, auth } = externalIssuer({ database: 'memory', secret, publicKey, schema })
  await seed(auth)
  const server = await listen(app, { port: 0, host: '127.0.0.1' })
  stopping.push(() => void server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

function issue(...words: readonly string[]): string {
  const key = ['--key', 'private.pem', '--passphrase-file', 'passphrase', '--algorithm', 'RS512']
  return execFileSync(`${folder}/latchkey`, ['token', 'issue', ...key, ...words], { cwd: folder })
    .toString()
    .trim()
}

const get = async (path: string, authorization: string) => {
  const response = await fetch(base + path, { headers: { authorization } })
  return { status: response.status, body: (await response.json()) as never }
}

test('what the README says is what happens', async () => {
  expect(await followReadme(README, base, { ...where, from: 1 })).toBe(6)
}, 120_000)

test('50 first requests at the same moment make one user, who has logged in once', async () => {
  const authorization = `Bearer ${issue('--claim', 'username=crowd')}`
  const all = await Promise.all(Array.from({ length: 50 }, () => get('/users/', authorization)))
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
  const { body } = await get('/users', authorization)
  const made = (body as { id: string; username: string }[]).filter(({ username }) => username.startsWith('crowd'))
  expect(made).toEqual([expect.objectContaining({ username: 'crowd', last_login: expect.stringMatching(/Z$/) })])
  expect((await get(`/users/${made[0]?.id}`, authorization)).body).toEqual(made[0])
  expect(await get('/users/nobody/', authorization)).toEqual({ status: 404, body: { detail: 'Not found.' } })
})

test('without a credential, or with a bad one, the answer is 403 and asks for nothing', async () => {
  for (const authorization of ['', 'Bearer garbage', 'Basic YWxpY2U6d3Jvbmc=']) {
    const response = await fetch(`${base}/users/`, { headers: { authorization } })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([403, null])
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  }
})

test('a schema of your own is what claims have to be', async () => {
  const schema = { type: 'object', properties: { team: { enum: ['red', 'blue'] } }, required: ['username', 'team'] }
  const own = await started(schema)
  const ask = async (...claims: string[]) => {
    const authorization = `Bearer ${issue('--claim', 'username=hello', ...claims)}`
    return (await fetch(`${own}/users/`, { headers: { authorization } })).json()
  }
  expect(await ask()).toEqual({ detail: "Invalid JWT schema: 'team' is a required property", schema })
  expect(await ask('team=green')).toMatchObject({ detail: "Invalid JWT schema: 'green' is not one of ['red', 'blue']" })
  expect(await ask('team=red')).toContainEqual(expect.objectContaining({ username: 'hello' }))
})
