/** A copy of the project as it lies here, uncommitted work included, in which a fault may be planted. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFiles } from './files.mjs'
import { root } from './run.mjs'

/** Copies every file that git knows or would know; `installed` brings node_modules along. Gone when the process goes. */
export function copyProject({ installed }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-copy-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const path of projectFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(root + path, join(folder, path))
  }
  // Several gates ask git which files there are.
  execFileSync('git', ['init', '-q'], { cwd: folder })
  execFileSync('git', ['add', '-A'], { cwd: folder })
  if (installed) for (const path of ['node_modules', 'packages/server/node_modules']) link(path, folder)
  return folder
}

function link(path, folder) {
  const copy = join(folder, path)
  try {
    execFileSync('cp', ['-al', root + path, copy], { stdio: 'ignore' })
  } catch {
    rmSync(copy, { recursive: true, force: true })
    execFileSync('cp', ['-a', root + path, copy])
  }
  // Tools write into these, and a hard link would carry it back.
  for (const name of readdirSync(copy).filter((entry) => entry.startsWith('.') && entry !== '.bin')) {
    rmSync(join(copy, name), { recursive: true })
    cpSync(join(root, path, name), join(copy, name), { recursive: true })
  }
}
