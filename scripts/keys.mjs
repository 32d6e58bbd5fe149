/** The soak `keys`: the tests of keys over many processes, on every store and with more rounds than `npm test` has time for. */
import { node, Stop } from './lib/run.mjs'

/** Prints how the tests ended; answers the exit code. */
export async function keys(args) {
  if (args.length > 0) throw new Stop('npm run soak -- keys', { code: 2 })
  const env = { ...process.env, LATCHKEY_SOAK: 'keys' }
  const tests = ['--project', 'latchkey', 'packages/latchkey/test/keys/fleet']
  return (await node(['scripts/test.mjs', ...tests], { show: true, env })).code
}
