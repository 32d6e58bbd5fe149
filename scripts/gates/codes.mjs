/** The gate of the error codes: each is thrown by some source and asserted by some test. */
import { readFileSync } from 'node:fs'
import { errorTable } from '../lib/error-table.mjs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/run.mjs'

export const fact = 'Every error code is thrown and asserted'

/** Codes whose feature is still to come; an entry that is thrown by now has to leave this list. */
const later = []

const read = (path) => readFileSync(root + path, 'utf8')

export async function check() {
  const files = projectFiles().filter((path) => path.endsWith('.ts'))
  const kit = files.filter((path) => /^packages\/latchkey\/src\/(testing|stores\/conformance)/.test(path))
  const tests = files.filter((path) => /^(packages|examples)\/[^/]+\/test\//.test(path))
  const sources = files.filter((path) => /^packages\/[^/]+\/src\//.test(path) && !kit.includes(path))
  // Presets translate codes, and errors.ts lists them: neither throws.
  const throwing = sources.filter((path) => !path.endsWith('/src/errors.ts') && !path.includes('/src/presets/'))
  const thrown = throwing.map(read).join('\n')
  const asserted = [...tests, ...kit].map(read).join('\n')
  return (await errorTable()).flatMap(({ code }) => problemsOf(code, thrown, asserted))
}

function problemsOf(code, thrown, asserted) {
  // An argument or a chosen value: `new AuthError('code'`, `refused('exp', 'code'`, `late ? 'code' : ...`. A type is neither.
  const isThrown = new RegExp(`[(,?:]\\s*'${code}'`).test(thrown)
  if (later.includes(code)) return isThrown ? [`${code} is thrown by now: take it off the list of later codes`] : []
  const isAsserted = new RegExp(`['"\`]${code}['"\`]`).test(asserted)
  return [...(isThrown ? [] : [`${code} is thrown nowhere`]), ...(isAsserted ? [] : [`${code} is asserted in no test`])]
}

export const plants = [
  {
    what: 'a code that nobody throws',
    plant: ({ edit }) => {
      edit('packages/latchkey/src/errors.ts', "  | 'token_expired'", "  | 'planted_code'\n  | 'token_expired'")
      edit(
        'packages/latchkey/src/errors.ts',
        '  token_expired: {',
        "  planted_code: { status: 401, message: 'Planted.' },\n  token_expired: {",
      )
    },
    says: /planted_code is thrown nowhere\s+planted_code is asserted in no test/,
  },
]
