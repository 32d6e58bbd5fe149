/** `npm run soak -- kill --store postgres --kills 100`: what takes too long for `npm test`. */
import { faults } from './faults.mjs'
import { imports } from './imports.mjs'
import { keys } from './keys.mjs'
import { kill } from './kills.mjs'
import { main, Stop } from './lib/run.mjs'
import { revocations } from './revocations.mjs'

const soaks = { kill, faults, revocations, keys, import: imports }

await main(() => {
  const [name = '', ...args] = process.argv.slice(2)
  if (!Object.hasOwn(soaks, name)) throw new Stop(`npm run soak -- ${Object.keys(soaks).join('|')} ...`, { code: 2 })
  return soaks[name](args)
})
