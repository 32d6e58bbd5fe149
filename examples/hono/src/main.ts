/** Starts the board: `npm run example -- hono --port 8000`. */
import { serve } from '@hono/node-server'
import { readArguments, seed } from '../../lib/example.mjs'
import { createBoard } from './app.js'

const { port, host: hostname, ...given } = readArguments()
const { app, auth } = createBoard(given)
await seed(auth)
serve({ fetch: app.fetch, port, hostname }, (info) => console.log(`listening on http://localhost:${info.port}`))
