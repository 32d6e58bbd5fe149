/** The gate against long files. */
import { readFileSync } from 'node:fs'
import { filesUnder } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'

const limit = 250

export const fact = `No file is longer than ${limit} lines`

export async function check() {
  const files = ['packages/latchkey/src', 'packages/server/src', 'scripts']
    .flatMap(filesUnder)
    .filter((path) => /\.m?[jt]s$/.test(path))
  if (files.length < 50) return [`only ${files.length} files were seen`]
  return files
    .map((path) => ({ path, lines: readFileSync(root + path, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines`)
}

export const plants = [
  {
    what: 'a file of 251 lines',
    plant: ({ write }) => write('packages/latchkey/src/util/planted.ts', '// planted\n'.repeat(limit + 1)),
    says: /planted\.ts has 251 lines/,
  },
]
