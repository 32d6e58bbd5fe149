/** Starts the board: `npm run example -- express --port 8000`. */
import { listen, readArguments, seed } from '../../lib/example.mjs'
import { createBoard } from './app.js'

const given = readArguments()
const { app, auth } = createBoard(given)
await seed(auth)
await listen(app, given)
