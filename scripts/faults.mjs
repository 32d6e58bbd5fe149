/** The soak `faults`: a disk that fails and a clock that is set, under a server whose clients go on, and the judge of the kills over what they saw. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runErrors } from '../packages/latchkey/test/kills/errors.mjs'
import { runSteps } from '../packages/latchkey/test/kills/steps.mjs'
import { clockVariants, variants } from '../packages/latchkey/test/kills/variants.mjs'
import { build } from './build.mjs'
import { withPostgres } from './lib/borrowed.mjs'
import { Stop } from './lib/run.mjs'
import { programs } from './services.mjs'
import { setup } from './setup.mjs'

/** By name: what goes wrong, and the mistakes that are to be found by it. */
const kinds = {
  disk: {
    variants,
    run: ({ errors, ...how }) => runErrors({ errors, ...how }),
  },
  clock: {
    variants: clockVariants,
    run: (how) => runSteps({ library: faketime(), ...how }),
  },
  'clock-postgres': {
    variants: clockVariants,
    run: (how) =>
      withPostgres(async (database) => runSteps({ library: faketime(), database: await database('steps'), ...how })),
  },
}

/** Prints a verdict for each kind; answers the exit code. */
export async function faults(args) {
  const { kind, ...how } = readArguments(args)
  await programs({ strace: 'strace', faketime: 'faketime' })
  await setup('full')
  await build(['esm'])
  let code = 0
  for (const name of kind === 'all' ? Object.keys(kinds) : [kind]) {
    const result = await kinds[name].run({ ...how, progress: () => process.stderr.write('.') })
    process.stderr.write('\n')
    console.log(JSON.stringify({ kind: name, ...result }, undefined, 2))
    if (isGood(result) !== (how.variant === 'none')) code = 1
  }
  return code
}

/** A run in which nothing failed, or no token expired, would prove nothing. */
function isGood(result) {
  const { lost, forks, falseReuse, resurrected, odd, crashed, outlived = 0, injected = 1, expired = 1 } = result
  const violations = lost + forks + falseReuse + resurrected + odd + crashed + outlived
  return violations === 0 && injected > 0 && expired > 0
}

/** Where Debian keeps the library, whatever the machine. */
function faketime() {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime', 'libfaketime.so.1'))
  const path = folders.find((one) => existsSync(one))
  if (path === undefined) throw new Stop('This needs libfaketime: apt-get install faketime')
  return path
}

function readArguments(args) {
  const options = {
    kind: { type: 'string', default: 'all' },
    errors: { type: 'string', default: '40' },
    variant: { type: 'string', default: 'none' },
    seed: { type: 'string', default: String(Date.now()) },
  }
  const usage = `npm run soak -- faults [--kind all|${Object.keys(kinds).join('|')}] [--errors number] [--variant <of the kind>] [--seed number]`
  try {
    const { kind, variant, ...values } = parseArgs({ args, options }).values
    const [errors, seed] = [Number(values.errors), Number(values.seed)]
    const isNumeric = Number.isSafeInteger(errors) && errors > 0 && Number.isSafeInteger(seed)
    const isKnown = variant === 'none' ? kind === 'all' : Object.hasOwn(kinds[kind]?.variants ?? {}, variant)
    if (isNumeric && (isKnown || (variant === 'none' && Object.hasOwn(kinds, kind))))
      return { kind, errors, variant, seed }
  } catch {}
  throw new Stop(usage, { code: 2 })
}
