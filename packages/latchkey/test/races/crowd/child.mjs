/** A replica of the race in a process of its own: it asks what it is told to, and tells what was answered. It runs what was built. */
import { createAuth } from '../../../dist/esm/index.js'
import '../../cheap-passwords.mjs'
import { claims, doorOf } from './door.mjs'

const auth = createAuth({ ...JSON.parse(process.argv[2]), claims })
const ask = doorOf(auth)

process.on('message', async ({ id, question }) => process.send({ id, answer: await ask(question) }))
process.once('disconnect', () => process.exit())
await auth.ready()
process.send('ready')
