/** A replica of the races in replicas.test.ts: it presents one refresh token many times at once. It runs what was built. */
import { createAuth } from '../../dist/esm/index.js'

const auth = createAuth(JSON.parse(process.argv[2]))

/** Answers each one's successor, or the code of its refusal. */
const present = ({ token, clients }) =>
  Promise.all(
    Array.from({ length: clients }, () =>
      auth.tokens.refresh(token).then(
        ({ tokens }) => tokens.refresh,
        (error) => String(error.code ?? error),
      ),
    ),
  )

process.on('message', async (given) => process.send(await present(given)))
process.once('disconnect', () => process.exit())
await auth.ready()
process.send('ready')
