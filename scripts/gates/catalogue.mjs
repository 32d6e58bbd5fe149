/** The gate of docs/errors.md. */
import { existsSync, readFileSync } from 'node:fs'
import { catalogue } from '../errors.mjs'
import { root } from '../lib/run.mjs'

export const fact = 'The error catalogue is current'

export async function check() {
  const page = `${root}docs/errors.md`
  const is = existsSync(page) ? readFileSync(page, 'utf8').split('\n') : []
  const wanted = (await catalogue()).split('\n')
  const line = wanted.findIndex((text, index) => text !== is[index])
  if (line === -1 && is.length === wanted.length) return []
  return [`docs/errors.md is not current from line ${(line === -1 ? wanted.length : line) + 1}: run \`npm run errors\``]
}

export const plants = [
  {
    what: 'a message that changed',
    plant: ({ edit }) => edit('packages/latchkey/src/errors.ts', 'The token has expired.', 'The token is planted.'),
    says: /not current from line \d+/,
  },
  {
    what: 'a code without advice',
    plant: ({ edit }) => edit('docs/errors.json', '"token_expired"', '"token_planted"'),
    says: /no happened, client, operator for token_expired/,
  },
  {
    what: 'a code that does not say what happened',
    plant: ({ edit }) =>
      edit(
        'docs/errors.json',
        '"happened": "The token is genuine, and its `exp` has passed."',
        '"happened": "It expired."',
      ),
    says: /no happened, client, operator for token_expired/,
  },
]
