/** Makes sure that the programs are there which the tests start for themselves: PostgreSQL, Redis, a browser, and others to compare with. Starts nothing. */
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { alone } from './lib/lock.mjs'
import { isMain, main, run, Stop } from './lib/run.mjs'

/** By the program that has to exist: the package that brings it. */
const packages = { initdb: 'postgresql', 'redis-server': 'redis-server' }

export const services = () => programs(packages)

/** Chromium without a window, as Debian builds it. */
export const browser = () => programs({ 'chromium-headless-shell': 'chromium-headless-shell' })

/** Debian's own Python, whatever other is on the PATH. */
const python = '/usr/lib/python3/dist-packages'
const peerPackages = {
  openssl: 'openssl',
  [`${python}/jwt/__init__.py`]: 'python3-jwt',
  [`${python}/cryptography/__init__.py`]: 'python3-cryptography',
  [`${python}/requests/__init__.py`]: 'python3-requests',
}

/** Other implementations of what we do, PyJWT and OpenSSL, and the client that the programs of other systems were written with. */
export const peers = () => programs(peerPackages)

const djangoPackages = {
  [`${python}/django/__init__.py`]: 'python3-django',
  [`${python}/rest_framework/__init__.py`]: 'python3-djangorestframework',
  [`${python}/rest_framework_simplejwt/__init__.py`]: 'python3-djangorestframework-simplejwt',
}

/** Django with djangorestframework-simplejwt, which the way over from there is tested against. */
export const django = () => programs(djangoPackages)

/** Installs the packages whose programs are not there, or says in one line which those are. */
export async function programs(wanted) {
  if (missing(wanted).length === 0) return
  await alone('services', async () => {
    const packages = missing(wanted)
    if (packages.length > 0) await install(packages, () => missing(wanted).length === 0)
  })
}

const missing = (wanted) =>
  Object.keys(wanted)
    .filter((program) => programPath(program) === undefined)
    .map((program) => wanted[program])

/** The path of a program, also where Debian keeps those of PostgreSQL: the newest version there is. */
export function programPath(program) {
  if (isAbsolute(program)) return existsSync(program) ? program : undefined
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

async function install(wanted, areThere) {
  const byHand = `This needs ${wanted.join(' and ')}: apt-get install ${wanted.join(' ')}`
  if (process.getuid?.() !== 0 || !programPath('apt-get')) throw new Stop(byHand)
  console.error(`Installing ${wanted.join(' and ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], { env })
  const { code, output } = await run('apt-get', ['install', '-yq', '--no-install-recommends', ...wanted], { env })
  if (code !== 0 || !areThere()) throw new Stop(byHand, { output })
}

if (isMain(import.meta.url)) await main(() => services().then(browser).then(peers).then(django))
