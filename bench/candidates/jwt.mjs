/** One library verifying cold tokens, or signing: a token is never seen twice in a row, and never as the same string. */
import { freshly, makeClaims, makeToken } from '../lib/tokens.mjs'

const different = 256

export async function verifying(options) {
  const { verifying: make } = await import(`./jwt/${options.library}.mjs`)
  const tokens = Array.from({ length: different }, () => makeToken(options.alg, options.keys))
  return { operation: make(options), inputs: freshly(tokens) }
}

export async function signing(options) {
  const { signing: make } = await import(`./jwt/${options.library}.mjs`)
  return { operation: make(options), inputs: (count) => Array.from({ length: count }, () => makeClaims()) }
}
