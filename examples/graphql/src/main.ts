/** Starts the newsroom: `npm run example -- graphql --server mercurius --schema code --port 8000`. */
import { readArguments } from '../../lib/example.mjs'
import { createNewsAuth } from './auth.js'
import { codeFirst } from './code-first.js'
import { createNewsroom } from './newsroom.js'
import { schemaFirst } from './schema-first.js'
import { servers } from './servers.js'

const {
  server = 'yoga',
  schema = 'text',
  ...given
} = readArguments(undefined, {
  server: { type: 'string' },
  schema: { type: 'string' },
})
const start = servers[server]
if (!start) throw new Error(`--server takes one of: ${Object.keys(servers).join(', ')}`)
if (schema !== 'text' && schema !== 'code') throw new Error('--schema takes one of: text, code')
const auth = await createNewsAuth(given.database, given.secret)
await start(auth, (schema === 'code' ? codeFirst : schemaFirst)(createNewsroom(), auth), given)
