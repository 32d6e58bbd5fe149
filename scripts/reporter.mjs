/** Writes how a run of vitest ended to the file named by LATCHKEY_RESULT; the closing lines are printed from it. */
import { writeFileSync } from 'node:fs'

export default class Reporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      // A file that cannot be loaded, or whose hook throws, is a failure even if no test in it is.
      const before = result.failed
      for (const test of module.children.allTests()) result[test.result().state]++
      if (!module.ok() && result.failed === before) result.failed++
    }
    writeFileSync(process.env.LATCHKEY_RESULT, JSON.stringify(result))
  }
}
