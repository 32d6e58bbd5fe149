/** The soak `import`: a large Django project is imported, killed at three points and resumed, and judged by rows and by memory. */
import { parseArgs } from 'node:util'
import { makers, runImports } from '../packages/server/test/import/soak.mjs'
import { build } from './build.mjs'
import { Stop } from './lib/run.mjs'
import { setup } from './setup.mjs'

const MOST_MEGABYTES = 200

/** Prints the verdict; answers the exit code. */
export async function imports(args) {
  const { users, kinds } = readArguments(args)
  await setup('full')
  await build()
  let failed = false
  for (const kind of kinds) {
    const result = await runImports({ users, kind, progress: (what) => process.stderr.write(`${kind}: ${what}\n`) })
    failed ||= result.differences.length > 0 || !(result.peakMegabytes <= MOST_MEGABYTES)
    console.log(
      JSON.stringify({ ...result, differences: result.differences.slice(0, 20), mostMegabytes: MOST_MEGABYTES }),
    )
  }
  return failed ? 1 : 0
}

function readArguments(args) {
  const options = { users: { type: 'string', default: '100000' }, from: { type: 'string' } }
  try {
    const { users, from } = parseArgs({ args, options }).values
    const kinds = from === undefined ? Object.keys(makers) : [from]
    const good = Number.isSafeInteger(Number(users)) && Number(users) > 0
    if (good && kinds.every((kind) => Object.hasOwn(makers, kind))) return { users: Number(users), kinds }
  } catch {}
  throw new Stop(`npm run soak -- import [--users number] [--from ${Object.keys(makers).join('|')}]`, { code: 2 })
}
