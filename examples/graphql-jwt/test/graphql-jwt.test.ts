/** django-graphql-jwt as the README has it, and the views at the addresses where the original was recorded. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../../../scripts/lib/free-port.mjs'
import { seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { graphqlJwtProject } from '../src/app.js'

const README = new URL('../README.md', import.meta.url)
const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
const ending: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function started(longRunning: boolean): Promise<string> {
  const folder = mkdtempSync(`${tmpdir()}/latchkey-graphql-jwt-`)
  const port = await freePort()
  const settings = { JWT_SECRET_KEY: SECRET, JWT_ALLOW_ARGUMENT: true, JWT_LONG_RUNNING_REFRESH_TOKEN: longRunning }
  const origin = `http://localhost:${port}`
  const project = graphqlJwtProject({ database: `sqlite:${folder}/auth.db`, secret: SECRET, origin, settings })
  await seed(project.auth)
  const server: Server = createServer(project.handler)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  ending.push(
    () => rmSync(folder, { recursive: true, force: true }),
    project.close,
    () => {
      server.closeAllConnections()
      server.close()
    },
  )
  return origin
}

test('what the README says of one token is what happens, and the views answer as they did', async () => {
  const origin = await started(false)
  expect(await followReadme(README, origin, { to: 7 })).toBe(7)
  const post = async (path: string, body: unknown, more = {}) => {
    const headers = { 'content-type': 'application/json', ...more }
    const response = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return [response.status, await response.json()] as const
  }
  const [status, batch] = await post('/graphql-batch/', [
    { query: '{ test }' },
    { query: 'mutation { verifyToken(token: "x") { payload } }' },
  ])
  expect(status).toBe(200)
  expect(batch).toMatchObject([
    { data: { test: null }, id: null, status: 200 },
    { errors: [{ message: 'Error decoding signature' }], data: { verifyToken: null }, id: null, status: 200 },
  ])
  for (const query of ['{ nope }', '{', 'mutation ($t: String!) { verifyToken(token: $t) { payload } }']) {
    const [code, answer] = await post('/graphql/', { query })
    expect([query, code, Object.keys(answer)]).toEqual([query, 400, ['errors']])
    for (const error of answer.errors) expect(Object.keys(error)).toEqual(['message', 'locations'])
  }
  const login = 'mutation { tokenAuth(username: "root", password: "password") { token } }'
  const { token } = (await post('/graphql/', { query: login }))[1].data.tokenAuth
  const [, root] = await post('/graphql/', { query: '{ staff su perm test }' }, { authorization: `JWT ${token}` })
  expect(root.data).toEqual({ staff: 'ok', su: 'ok', perm: 'ok', test: null })
  expect((await fetch(`${origin}/nothing`)).status).toBe(404)
})

test('what the README says of refresh tokens is what happens', async () => {
  expect(await followReadme(README, await started(true), { from: 7 })).toBe(1)
})
