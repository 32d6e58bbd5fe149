/** Which files there are, by folder or as git sees them; always as paths from the root of the project. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { root } from './run.mjs'

/** Every file below a folder, sorted, without `node_modules`. */
export function filesUnder(folder) {
  if (!existsSync(root + folder)) return []
  return readdirSync(root + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length))
    .filter((path) => !path.includes('node_modules/'))
    .sort()
}

/** Every file that is or could be committed. */
export function projectFiles() {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const names = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\0')
  return [...new Set(names)].filter((name) => name !== '' && existsSync(root + name)).sort()
}
