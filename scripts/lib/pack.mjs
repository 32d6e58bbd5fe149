/** Packs both packages as they would be published, once per process. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, Stop } from './run.mjs'

let packing

/** The two tarballs, in a folder that goes when the process goes. */
export function pack() {
  packing ??= packBoth()
  return packing
}

async function packBoth() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pack-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const packages = ['-w', 'latchkey', '-w', '@latchkey/server']
  const { code, output } = await npm(['pack', ...packages, '--pack-destination', folder, '--ignore-scripts=false'])
  if (code !== 0) throw new Stop('The packages cannot be packed.', { output })
  const tarball = (start) => join(folder, readdirSync(folder).find((name) => name.startsWith(start)) ?? start)
  return { latchkey: tarball('latchkey-0'), server: tarball('latchkey-server-') }
}
