/** The gate for the sentence that says what a file is for. */
import { readFileSync } from 'node:fs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'

export const fact = 'Every file opens with one sentence'

const opening = /^(?:#!.*\n)?\/\*\*\s+(?:\*\s+)?(?<sentence>[^\s*][\s\S]*?)\s*\*\//

export async function check() {
  const files = projectFiles().filter((path) => /^[^.].*\.[cm]?[jt]sx?$/.test(path))
  if (files.length < 50) return [`only ${files.length} files were seen`]
  return files
    .filter((path) => !/[.:!?]/.test(opening.exec(readFileSync(root + path, 'utf8'))?.groups.sentence ?? ''))
    .map((path) => `${path} does not say what it is for`)
}

export const plants = [
  {
    what: 'a file without its sentence',
    plant: ({ write }) => write('packages/latchkey/src/util/planted.ts', 'export const planted = 1\n'),
    says: /planted\.ts does not say/,
  },
  {
    what: 'a comment that is no sentence',
    plant: ({ write }) => write('packages/server/src/planted.ts', '/** planted */\nexport const planted = 1\n'),
    says: /planted\.ts does not say/,
  },
]
