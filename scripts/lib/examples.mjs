/** Compiles an example, only what changed since the last time. */
import { node, root, Stop } from './run.mjs'

export async function compileExample(name) {
  const tsc = `${root}node_modules/typescript/bin/tsc`
  const again = ['--incremental', '--tsBuildInfoFile', `examples/${name}/dist/.tsbuildinfo`]
  const { code, output } = await node([tsc, '-p', `examples/${name}`, ...again, '--pretty', 'false'])
  if (code !== 0) throw new Stop(`The example ${name} cannot be compiled.`, { output })
}
