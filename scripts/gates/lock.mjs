/** The gate of package-lock.json: any registry may serve it, and exact versions only. */
import { readFileSync } from 'node:fs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'

export const fact = 'Versions are exact, and the lock file names no host'

const json = (path) => JSON.parse(readFileSync(root + path, 'utf8'))

export async function check() {
  const locks = projectFiles().filter((path) => path.endsWith('package-lock.json'))
  const manifests = projectFiles().filter((path) => path.endsWith('package.json') && !path.includes('/test/'))
  if (!locks.includes('package-lock.json') || manifests.length < 3)
    return ['package-lock.json or a package.json was not seen']
  return [...locks.flatMap(hosts), ...manifests.flatMap(ranges)]
}

const hosts = (path) =>
  Object.entries(json(path).packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && !(link && !resolved.includes(':')))
    .map(([name, { resolved }]) => `${path}: ${name} comes from ${resolved}`)

// Peers are the application's own, so they are ranges.
const ranges = (path) =>
  ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(json(path)[kind] ?? {})
      .filter(([, version]) => !/^((npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?|file:.*)$/.test(version))
      .map(([name, version]) => `${path}: ${name} is ${version}`),
  )

export const plants = [
  {
    what: 'a download address',
    plant: ({ edit }) =>
      edit(
        'package-lock.json',
        '"node_modules/ajv": {',
        '"node_modules/ajv": {\n      "resolved": "https://example.com/ajv.tgz",',
      ),
    says: /node_modules\/ajv comes from https:\/\/example\.com/,
  },
  {
    what: 'a range instead of a version',
    plant: ({ edit }) => edit('packages/latchkey/package.json', '"ajv": "8', '"ajv": "^8'),
    says: /ajv is \^8/,
  },
  {
    what: 'a range behind another name',
    plant: ({ edit }) => edit('package.json', 'npm:koa@2.16.4', 'npm:koa@^2.16.4'),
    says: /koa2 is npm:koa@\^2/,
  },
]
