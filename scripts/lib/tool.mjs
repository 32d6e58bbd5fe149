/** Runs a development tool of node_modules as a gate: nothing is wrong if it exits with 0. */
import { root, run } from './run.mjs'

// Colours are for terminals, and gates are read from logs too.
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }

export const tool = (name, args, options) => run(`${root}node_modules/.bin/${name}`, args, { env, ...options })

export async function toolPasses(name, args, options) {
  const { code, output } = await tool(name, args, options)
  return code === 0 ? [] : [output.trim() === '' ? `${name} ended with exit code ${code}.` : output]
}
