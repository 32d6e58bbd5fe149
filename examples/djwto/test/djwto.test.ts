/** djwto as its README has it: the tutorial's own clients, Python and requests, over http and https, in every mode. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../../scripts/lib/free-port.mjs'
import { peers } from '../../../scripts/services.mjs'
import { localCertificate } from '../../lib/certificate.mjs'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { djwtoProject, type Mode } from '../src/app.js'

const run = promisify(execFile)
const README = new URL('../README.md', import.meta.url)
const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'
const cwd = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(`${tmpdir()}/latchkey-djwto-`)
// Debian's own Python, whatever other is on the PATH.
const env = { PATH: `${folder}:${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1' }
const servers: Server[] = []

beforeAll(async () => {
  await peers()
  symlinkSync('/usr/bin/python3', `${folder}/python3`)
}, 120_000)
afterEach(() => void servers.splice(0).map((server) => server.close()))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function started(mode: Mode, tls: boolean): Promise<string> {
  const port = await freePort()
  const origin = `${tls ? 'https' : 'http'}://localhost:${port}`
  const { app, auth } = djwtoProject({ database: 'memory', secret: SECRET, signingKey: SECRET, mode, origin })
  await seed(auth)
  servers.push(await listen(app, { port, host: '127.0.0.1', tls: tls ? localCertificate() : undefined }))
  return origin
}

test.each([
  ['JSON', false, { to: 1 }],
  ['TWO-COOKIES', true, { from: 1 }],
] as const)(
  'what the README says of the mode %s is what happens',
  async (mode, tls, part) => {
    expect(await followReadme(README, await started(mode, tls), { cwd, env, ...part })).toBe(1)
  },
  60_000,
)

test.each([
  ['JSON', true],
  ['ONE-COOKIE', false],
  ['ONE-COOKIE', true],
  ['TWO-COOKIES', false],
] as const)(
  'in the mode %s, over https: %s, the client of the tutorial sees the same',
  async (mode, tls) => {
    const program = mode === 'JSON' ? 'programs/in_header.py' : 'programs/in_cookies.py'
    const { stdout } = await run('python3', [program, await started(mode, tls)], {
      cwd,
      env: { ...process.env, ...env },
    })
    expect(stdout).toBe(shownFor(mode))
  },
  60_000,
)

/** What the README shows, with the one cookie where it has two. */
function shownFor(mode: Mode): string {
  const texts = [...readFileSync(README, 'utf8').matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text as string,
  )
  if (mode === 'JSON') return texts[0] as string
  if (mode === 'TWO-COOKIES') return texts[1] as string
  return (texts[1] as string)
    .replace(/^ {2}(jwt_access_payload|user) .*\n/gm, '')
    .replaceAll('jwt_access_token', 'jwt_access')
}
