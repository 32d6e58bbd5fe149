/** What an application gets on its disk when it installs the packed library. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root, Stop } from '../../scripts/lib/run.mjs'

/** Packs the library and installs it into an empty application; answers megabytes (10^6) by path of package. */
export async function installLibrary(folder) {
  const pack = ['pack', '-w', 'latchkey', '--pack-destination', folder, '--ignore-scripts=false']
  await succeed(pack, root, 'The library cannot be packed.')
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  const application = join(folder, 'application')
  mkdirSync(application)
  writeFileSync(join(application, 'package.json'), '{ "name": "application", "private": true }')
  const install = ['install', join(folder, tarball), '--omit=dev', '--omit=peer', '--ignore-scripts', '--no-audit']
  await succeed(install, application, 'The packed library cannot be installed.')
  return sizes(application)
}

async function succeed(args, cwd, message) {
  const { code, output } = await npm(args, { cwd })
  if (code !== 0) throw new Stop(message, { output })
}

/** `without(name)` leaves out what is only there for the sake of one package. */
function sizes(application) {
  const { packages } = JSON.parse(readFileSync(join(application, 'node_modules/.package-lock.json'), 'utf8'))
  const folders = Object.keys(packages).filter((path) => statSync(join(application, path), { throwIfNoEntry: false }))
  const sum = (paths) => paths.reduce((all, path) => all + megabytes(join(application, path)), 0)
  return {
    packages: folders.length,
    all: sum(folders),
    without: (name) => sum(folders.filter((path) => needed(packages, name).has(path))),
  }
}

function needed(packages, left) {
  const seen = new Set()
  const look = (name) => {
    const path = `node_modules/${name}`
    if (name === left || seen.has(path) || !packages[path]) return
    seen.add(path)
    const { dependencies, optionalDependencies } = packages[path]
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) look(next)
  }
  look('latchkey')
  return seen
}

/** As the disk counts, in blocks; a package inside another one is a folder of its own in the list. */
function megabytes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const own = entries.filter(
    (entry) => !join(entry.parentPath, entry.name).slice(folder.length).includes('node_modules'),
  )
  return own.reduce((all, entry) => all + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0) / 1e6
}
