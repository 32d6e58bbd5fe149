/** Runs programs of the guide as they stand there, on a port of their own, and asks for the first 200 and the first 401: `node follow.mjs express nestjs`. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

for (const name of process.argv.slice(2)) {
  const began = performance.now()
  const port = await freePort()
  const program = `out/${name}-${port}.js`
  writeFileSync(program, readFileSync(`out/${name}.js`, 'utf8').replaceAll('3000', port))
  const env = { ...process.env, LATCHKEY_SECRET: randomBytes(48).toString('base64') }
  // A folder of its own, for the database.
  const cwd = mkdtempSync(`${process.cwd()}/run-`)
  const child = spawn(process.execPath, [`${process.cwd()}/${program}`], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    await walk(`http://127.0.0.1:${port}`)
    console.log(`${name}: ${Math.round(performance.now() - began)} ms`)
  } finally {
    child.kill()
  }
}

async function walk(base) {
  const person = { username: 'alice', password: 'correct horse battery' }
  const post = (path) =>
    answer(base + path, {
      method: 'POST',
      body: JSON.stringify(person),
      headers: { 'content-type': 'application/json' },
    })
  await listening(base)
  assert.equal((await post('/auth/register')).status, 201)
  const login = await post('/auth/login')
  assert.equal(login.status, 200)
  const authorization = `Bearer ${login.body.access_token}`
  const me = await answer(`${base}/auth/me`, { headers: { authorization } })
  assert.deepEqual([me.status, me.body.username], [200, 'alice'])
  const stranger = await answer(`${base}/posts/1`, { method: 'PUT' })
  assert.deepEqual(
    [stranger.status, stranger.body.code, stranger.challenge],
    [401, 'credential_missing', 'Bearer realm="api"'],
  )
  const alice = await answer(`${base}/posts/1`, { method: 'PUT', headers: { authorization } })
  assert.deepEqual([alice.status, alice.body.code, alice.body.missing], [403, 'permission_denied', ['posts:write']])
}

async function answer(url, init) {
  const response = await fetch(url, init)
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() }
}

async function listening(base) {
  for (let left = 600; ; left--) {
    const answered = await fetch(base).catch(() => undefined)
    if (answered) return
    assert.ok(left > 0, 'the program does not listen')
    await sleep(100)
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}
