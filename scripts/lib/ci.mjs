/** `npm ci` with a short patience, and with its failure told in one line. */
import { lookup } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { npm, Stop } from './run.mjs'

// No package of our lock files needs its install script: prebuilt binaries are inside, and telemetry is not wanted.
const options = ['--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
// npm's own patience is minutes long, and a person is waiting for the first line.
const patience = ['--fetch-retries=3', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=4000']

/** Installs exactly what a lock file names; `what` are more arguments for npm. */
export async function ci(what = [], { cwd } = {}) {
  // npm asks for a name that nobody answers once per package. Asked once here, and what npm has kept may still be enough.
  const unknown = await unknownHost()
  const { code, output } = await npm(['ci', ...options, ...patience, ...(unknown ? ['--offline'] : []), ...what], {
    cwd,
  })
  if (code === 0) return
  throw new Stop(`Cannot install the packages of package-lock.json: ${unknown ? noNetwork(unknown) : reason(output)}`)
}

async function unknownHost() {
  const proxies = [
    'https_proxy',
    'http_proxy',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'npm_config_proxy',
    'npm_config_https_proxy',
  ]
  if (proxies.some((name) => process.env[name])) return undefined
  const { code, stdout } = await npm(['config', 'get', 'registry', '--loglevel=error'])
  if (code !== 0 || !URL.canParse(stdout.trim())) return undefined
  const { hostname } = new URL(stdout.trim())
  const late = sleep(8_000, 'no answer', { ref: false })
  const answer = await Promise.race([lookup(hostname.replace(/^\[|\]$/g, '')).catch((error) => error.code), late])
  return typeof answer === 'string' ? answer : undefined
}

const noNetwork = (why) => `the package registry cannot be reached (${why}); a network connection is needed once.`

function reason(output) {
  if (/ENOENT/.test(output) && /spawn npm/.test(output)) return 'there is no npm on the path.'
  if (/code EUSAGE/.test(output))
    return 'package.json and package-lock.json disagree; run `npm install` and commit both.'
  const unreachable =
    /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/.exec(
      output,
    )
  if (unreachable) return noNetwork(unreachable[1])
  if (/code ENOSPC/.test(output)) return 'the disk is full (ENOSPC).'
  const denied = /code (EACCES|EPERM|EROFS)/.exec(output)
  if (denied) return `node_modules cannot be written (${denied[1]}).`
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  return lines.find((line) => line !== '' && !line.startsWith('code ')) ?? 'npm ended without a word.'
}
