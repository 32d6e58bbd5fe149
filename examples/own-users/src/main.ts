/** Starts the forum: `npm run example -- own-users --port 8000`. */
import { listen, people, readArguments } from '../../lib/example.mjs'
import { forum } from './app.js'
import { createMemberAuth } from './auth.js'
import { openMembers } from './members.js'

const given = readArguments()
const members = openMembers(given.database === 'memory' ? ':memory:' : given.database.replace(/^sqlite:/, ''))
for (const { username, email, password, active = true, admin = false } of people) {
  await members.add({ nick: username, mail: email, password, is_blocked: active ? 0 : 1, roles: admin ? 'admin' : '' })
}
await listen(forum(createMemberAuth(members, given.database, given.secret)), given)
