/** The commands of `latchkey users` and `latchkey groups`. */
import type { Command as Program } from 'commander'
import type { Add, Options } from './add.js'

const PASSWORD_STDIN = ['--password-stdin', 'read the password from stdin instead of asking'] as const

export function addUsers(users: Program, add: Add): void {
  const code = () => import('../commands/users.js')
  add(users, 'add <username>', 'create a user', async () => (await code()).addUser)
    .option('--email <address>', 'e-mail address')
    .option('--admin', 'make an administrator')
    .option('--permission <permission...>', 'what the user may do, such as posts:write')
    .option(...PASSWORD_STDIN)
    .option('--no-password', 'without a password: the user cannot log in by one')
  add(users, 'list', 'all users', async () => (await code()).listUsers)
  add(users, 'disable <username>', 'keep a user out everywhere, at once', async () => (await code()).disableUser)
  add(users, 'enable <username>', 'let a user in again', async () => (await code()).enableUser)
  add(users, 'delete <username>', 'delete a user and end every session', async () => (await code()).deleteUser)
  add(
    users,
    'password <username>',
    'set a password and end every session',
    async () => (await code()).setPassword,
  ).option(...PASSWORD_STDIN)
  add(users, 'grant <username> <permissions...>', 'give permissions', async () => (await code()).grant).option(
    '--take',
    'take them away instead',
  )
  addLinks(users, add)
  addImport(users, add)
}

function addImport(users: Program, add: Add): void {
  add(
    users,
    'import <system>',
    'bring users, groups, permissions and ended tokens from django; may be repeated',
    async () => (await import('../commands/users-import.js')).importUsers,
  )
    .requiredOption('--from <source>', 'sqlite:<file>, postgres://<host>/<name>, or a file that dumpdata wrote')
    .option('--dry-run', 'write nothing, and tell what would be')
    .option('--strict', 'end at the first row that cannot be taken as a whole')
    .option('--user-model <app.Model>', 'the user model', 'auth.User')
    .option('--user-table <table>', 'its table, where it is not called after the model')
    .option('--username-field <name>', 'what users log in with', 'username')
    .option('--email-field <name>', 'where the address stands', 'email')
    .option('--id-field <name>', 'what tokens know users by (default: the primary key)')
    .option('--permissions <form>', 'model: blog.post:add; django: blog.add_post', 'model')
}

export function addGroups(groups: Program, add: Add): void {
  const code = () => import('../commands/groups.js')
  add(groups, 'create <group>', 'make a group', async () => (await code()).createGroup).option(
    '--permission <permission...>',
    'what its members may, such as posts:*',
  )
  add(groups, 'list', 'all groups', async () => (await code()).listGroups)
  add(groups, 'members <group>', 'who is in a group', async () => (await code()).listMembers)
  add(groups, 'delete <group>', 'delete a group', async () => (await code()).deleteGroup)
  add(groups, 'allow <group> <permissions...>', 'give permissions to a group', async () => (await code()).allow)
  add(groups, 'deny <group> <permissions...>', 'take permissions from a group', async () => (await code()).deny)
  add(groups, 'add <group> <usernames...>', 'make users members', async () => (await code()).addMembers)
  add(groups, 'remove <group> <usernames...>', 'take users out of a group', async () => (await code()).removeMembers)
}

/** The issuer of a link is another one than the server's own, which `--issuer` is everywhere else. */
const otherIssuer = ({ issuer: row, ...others }: Options): Options => ({ ...others, row })

function addLinks(users: Program, add: Add): void {
  const code = () => import('../commands/identities.js')
  const subject = ['--subject <subject>', 'who that is there, to the letter'] as const
  add(
    users,
    'link <username>',
    'let tokens of another issuer (--issuer <id>) stand for a user',
    async () => (await code()).linkUser,
    otherIssuer,
  ).requiredOption(...subject)
  add(users, 'unlink <username>', 'take that back', async () => (await code()).unlinkUser, otherIssuer).requiredOption(
    ...subject,
  )
}
