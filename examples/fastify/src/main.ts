/** Starts the board: `npm run example -- fastify --port 8000`. */
import { readArguments, seed } from '../../lib/example.mjs'
import { createBoard } from './app.js'

const { port, host, ...given } = readArguments()
const { app, auth } = createBoard(given)
await seed(auth)
const address = await app.listen({ port, host })
console.log(`listening on http://localhost:${new URL(address).port}`)
