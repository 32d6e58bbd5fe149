/** Installs what a command needs from package-lock.json, and nothing when it is there already. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ci } from './lib/ci.mjs'
import { alone } from './lib/lock.mjs'
import { isMain, main, root, Stop } from './lib/run.mjs'

const oldestNode = [20, 19]
const stampFile = `${root}node_modules/.latchkey-setup.json`

/**
 * Makes sure that a profile is installed: `'server'` is what the server needs to be built and run, `'full'` is everything
 * that tests and checks need, any other name is the example of that name.
 */
export async function setup(profile) {
  refuseOldNode()
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  if (covers(readStamp(lock), profile)) return
  await alone('setup', async () => {
    const have = readStamp(lock)
    if (covers(have, profile)) return
    if (installedByHand()) return writeStamp(lock, ['full'])
    // `npm ci` empties node_modules: whatever was there for others has to come back.
    const wanted = profile === 'full' ? ['full'] : [...new Set(['server', ...have, profile])]
    await install(wanted)
    writeStamp(lock, wanted)
  })
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldestNode
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  throw new Stop(`Latchkey needs Node ${oldestNode.join('.')} or newer, and this is Node ${process.versions.node}.`)
}

const covers = (have, profile) => have.includes('full') || have.includes(profile)

function readStamp(lock) {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'))
    return stamp.lock === lock ? stamp.have : []
  } catch {
    return []
  }
}

const writeStamp = (lock, have) => writeFileSync(stampFile, JSON.stringify({ lock, have }))

/** True if somebody's own `npm install` or `npm ci` brought all that the lock file names. */
function installedByHand() {
  const hidden = `${root}node_modules/.package-lock.json`
  if (!existsSync(hidden)) return false
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  const got = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, integrity, optional, link }]) => {
    if (path === '' || link || !path.includes('node_modules/')) return true
    const found = got[path]
    if (found === undefined) return optional === true
    return found.version === version && found.integrity === integrity && existsSync(`${root}${path}/package.json`)
  })
}

async function install(profiles) {
  const isFull = profiles.includes('full')
  const what = isFull ? [] : profiles.flatMap((name) => ['-w', workspaceOf(name)])
  console.error(`Installing packages for ${isFull ? 'tests and checks' : profiles.join(' and ')} ...`)
  await ci(what)
}

function workspaceOf(profile) {
  const folder = profile === 'server' ? 'packages/server' : `examples/${profile}`
  if (!existsSync(`${root}${folder}/package.json`)) throw new Stop(`There is no example called ${profile}.`)
  return folder
}

if (isMain(import.meta.url)) await main(() => setup(process.argv[2] ?? 'full'))
