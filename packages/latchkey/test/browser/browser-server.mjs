/** Runs one browser until it is told to stop, or until whoever started it is gone: `node browser-server.mjs SPKI`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { programPath } from '../../../../scripts/services.mjs'

const [spki] = process.argv.slice(2)
const parent = process.ppid
const LOOK_MILLISECONDS = 250

// All that the browser writes lies here, so that nothing of it is left.
const folder = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
process.env.TMPDIR = folder
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const server = await chromium.launchServer({
  executablePath: programPath('chromium-headless-shell') ?? 'chromium-headless-shell',
  host: '127.0.0.1',
  timeout: 25_000,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    // Every name that ends in .test is this machine, and nothing else can be reached.
    '--host-resolver-rules=MAP *.test 127.0.0.1, MAP localhost 127.0.0.1, MAP * ~NOTFOUND',
    `--ignore-certificate-errors-spki-list=${spki}`,
  ],
  handleSIGINT: false,
  handleSIGTERM: false,
})

const end = () => void server.kill().finally(() => process.exit())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end)
// A run that was killed takes its browser along.
setInterval(() => process.ppid !== parent && end(), LOOK_MILLISECONDS)
server.once('close', () => process.exit())
console.log(JSON.stringify({ url: server.wsEndpoint(), browser: server.process().pid, folder }))
