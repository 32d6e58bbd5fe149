/** The order of test files: those that wait longest begin first, so that none of them is left alone at the end. */
import { BaseSequencer } from 'vitest/node'

/** They start processes, kill them, wait for a disk or for a browser. */
const LONG = [
  'latchkey/test/kills/',
  'latchkey/test/stores/conformance',
  'latchkey/test/keys/fleet/',
  'latchkey/test/reach/',
  'latchkey/test/stores/replicas',
  'examples/cluster/',
  'latchkey/test/browser/',
  'server/test/doors',
  'server/test/cli/serve',
  'server/test/cli/pyjwt',
  'server/test/import/killed',
]

export class LongFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files)
    const place = ({ moduleId }) => {
      const at = LONG.findIndex((part) => moduleId.includes(part))
      return at === -1 ? LONG.length : at
    }
    return sorted.sort((a, b) => place(a) - place(b))
  }
}
