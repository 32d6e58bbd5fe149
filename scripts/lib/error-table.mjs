/** Reads the table of error codes from errors.ts itself, without a build. */
import { readFileSync } from 'node:fs'
import { root } from './run.mjs'

/** One row per code, in the order of the table. */
export async function errorTable() {
  const { default: typescript } = await import('typescript')
  const source = readFileSync(`${root}packages/latchkey/src/errors.ts`, 'utf8')
  const { outputText } = typescript.transpileModule(source, { compilerOptions: { module: 'esnext', target: 'es2023' } })
  const { errorCodes, errorRow } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
  return errorCodes.map((code) => ({ code, ...errorRow(code) }))
}
