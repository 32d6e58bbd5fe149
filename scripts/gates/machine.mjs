/** The gate against words that are true on one machine only. */
import { readFileSync } from 'node:fs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'

export const fact = 'Nothing speaks of the machine it was written on'

// Split, so that this file does not find itself.
const words = [
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['/ho', 'me/'],
  ['/Us', 'ers/'],
  ['_auth', 'Token'],
  ['arti', 'factory'],
  ['verda', 'ccio'],
]
const hosts = String.raw`https?://[\w.-]*(?:reg` + String.raw`istry|mirror|proxy)[\w.-]*(?=[:/])`
const told = new RegExp(`${words.map((word) => word.join('')).join('|')}|${hosts}`)

/** Data that others wrote; their words are what is tested. */
const foreign = /\/(vectors|golden)\//

export async function check() {
  const files = projectFiles().filter((path) => !foreign.test(path))
  if (files.length < 50) return [`only ${files.length} files were seen`]
  return files.flatMap((path) =>
    readFileSync(root + path, 'utf8')
      .split('\n')
      .flatMap((line, index) => (told.test(line) ? [`${path}:${index + 1}: ${told.exec(line)[0]}`] : [])),
  )
}

export const plants = [
  {
    what: 'a path of one machine',
    plant: ({ append }) => append('packages/latchkey/src/errors.ts', `// see ${words[0].join('')}shared\n`),
    says: /errors\.ts:\d+/,
  },
  {
    what: 'the host of a private registry',
    plant: ({ append }) => append('.npmrc', `registry=http://npm-${'reg'}istry.internal:8080/\n`),
    says: /\.npmrc:\d+/,
  },
]
