/** `npm run example:next`: builds examples/next with the packed library in a folder of its own, starts it, and walks through it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { walkInBrowser } from '../examples/next/test/browser.mjs'
import { company, steps } from '../examples/next/test/walk.mjs'
import { ci } from './lib/ci.mjs'
import { freePort } from './lib/free-port.mjs'
import { pack } from './lib/pack.mjs'
import { main, node, npm, root, Stop } from './lib/run.mjs'
import { closingLine } from './lib/tally.mjs'
import { browser } from './services.mjs'
import { setup } from './setup.mjs'

const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

await main(async () => {
  // Another Next than that of the lock file; a library that was packed before; a fault that the walk has to find.
  const { values } = parseArgs({
    options: { next: { type: 'string' }, tarball: { type: 'string' }, plant: { type: 'boolean' } },
  })
  await setup('full')
  await browser()
  const latchkey = values.tarball ? resolve(values.tarball) : (await pack()).latchkey
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-next-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await install(folder, latchkey, values.next)
  if (values.plant) plant(folder)
  const port = await freePort()
  const env = settings(`http://localhost:${port}`)
  const next = join(folder, 'node_modules/next/dist/bin/next')
  await step('next build', () => node([next, 'build'], { cwd: folder, env }))
  const server = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (chunk) => /Ready/.test(chunk) && resolve())
      server.once('exit', () => reject(new Stop('Next did not start.')))
    })
    return await walk(env.ORIGIN)
  } finally {
    server.kill()
  }
})

async function install(folder, latchkey, version) {
  const from = join(root, 'examples/next')
  cpSync(from, folder, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|\.next)([/\\]|$)/.test(path.slice(from.length)),
  })
  await ci([], { cwd: folder })
  const more = version ? [`next@${version}`] : []
  await step('npm install', () => npm(['install', latchkey, ...more, ...quiet], { cwd: folder }))
  if (version?.startsWith('15.')) proxyOfNext15(folder)
}

/** What Next 15 calls middleware, and runs in Node only where it is told to. */
function proxyOfNext15(folder) {
  const proxy = readFileSync(join(folder, 'proxy.ts'), 'utf8')
  const middleware = proxy
    .replace('export const proxy', 'export const middleware')
    .replace('export const config = {', "export const config = { runtime: 'nodejs',")
  writeFileSync(join(folder, 'middleware.ts'), middleware)
  rmSync(join(folder, 'proxy.ts'))
}

/** A proxy that refreshes for the browser and tells the page nothing of it: it would be rendered for nobody. */
function plant(folder) {
  const path = readdirSync(folder).find((name) => /^(proxy|middleware)\.ts$/.test(name))
  const proxy = readFileSync(join(folder, path), 'utf8')
  writeFileSync(
    join(folder, path),
    proxy.replace('(auth, NextResponse)', '(auth, { next: () => NextResponse.next() })'),
  )
}

function settings(origin) {
  return {
    ...process.env,
    ORIGIN: origin,
    DATABASE: 'sqlite:walk.db',
    LATCHKEY_SECRET: randomBytes(32).toString('base64url'),
    // The walk waits for the end of a token, and Next has no clock of its own to turn.
    ACCESS_LIFETIME: '4s',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

async function step(name, work) {
  const { code, output } = await work()
  if (code !== 0) throw new Stop(`${name} failed.`, { output })
}

async function walk(base) {
  const given = await company(base)
  const count = { passed: 0, failed: 0 }
  const all = [
    ...steps,
    { promise: 'a browser signs in, outlives its token and signs out', walk: () => walkInBrowser(base) },
  ]
  for (const { promise, walk: work } of all) {
    const error = await work(given).then(
      () => undefined,
      (thrown) => thrown,
    )
    count[error ? 'failed' : 'passed']++
    console.log(`${error ? 'failed' : 'ok    '}  ${promise}`)
    if (error) console.log(String(error.message).replace(/^/gm, '        '))
  }
  console.log(closingLine(count))
  return count.failed === 0 ? 0 : 1
}
