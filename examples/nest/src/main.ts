/** Starts the board: `npm run example -- nest --port 8000`. */
import 'reflect-metadata'
import { readArguments, seed } from '../../lib/example.mjs'
import { createBoard } from './app.js'

const { port, host, ...given } = readArguments()
const { app, auth } = await createBoard(given)
await seed(auth)
await app.listen(port, host)
console.log(`listening on http://localhost:${new URL(await app.getUrl()).port}`)
