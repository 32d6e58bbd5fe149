/** An application behind the preset, as the original was recorded: four users, fields behind its decorators, a clock set by hand. */
import { buildSchema, type GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { directives, withAuthMutations, withRules, yogaPlugin } from '../../src/graphql/index.js'
import { type AuthContext, AuthError, type AuthOptions, createAuth, passwords } from '../../src/index.js'
import { type GraphqlJwtSettings, graphqlJwt } from '../../src/presets/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Account } from '../../src/stores/port.js'
import { SECRET } from '../auth-kit.js'

export const KEY = 'the-key-of-an-application-that-came-from-django'
export const ORIGIN = 'https://api.example.com'

// biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and every member is asserted.
export type Json = any

const sdl = (token: string) => /* GraphQL */ `${directives}
  type Query {
    viewer${token}: User @authenticated
    open${token}: Open @public
    staff: String
    su: String
    perm: String @hasPermission(allOf: ["auth.add_user"])
    test: String
  }
  type Mutation { touch${token}: String @authenticated }
  type User @authenticated { id: ID! username: String! email: String friends${token}: [User!]! }
  type Open @public { who: String self: User @authenticated }
`

interface Context {
  readonly auth: AuthContext<Account> | undefined
}

/** What the original's decorators ask: `staff_member_required`, `superuser_required`, `user_passes_test(...)`. */
const passes =
  (test: (user: Account) => boolean) =>
  async (auth: AuthContext | undefined): Promise<void> => {
    if (!auth) throw new AuthError('credential_missing')
    if (!test((await auth.user()) as Account)) throw new AuthError('permission_denied')
  }

const isAdmin = passes(({ admin }) => admin === true)

function schemaFor(withToken: boolean): GraphQLSchema {
  const schema = buildSchema(sdl(withToken ? '(token: String)' : ''))
  const fields = (name: string): Json => (schema.getType(name) as Json).getFields()
  const { viewer, open, staff, su, perm, test } = fields('Query')
  viewer.resolve = (_source: unknown, _args: unknown, { auth }: Context) => auth?.user()
  open.resolve = () => ({})
  for (const field of [staff, su, perm, test]) field.resolve = () => 'ok'
  staff.extensions = withRules(isAdmin)
  su.extensions = withRules(isAdmin)
  test.extensions = withRules(passes(({ username }) => username === 'alice'))
  const open_ = fields('Open')
  open_.who.resolve = (_source: unknown, _args: unknown, { auth }: Context) => auth?.user().then((one) => one.username)
  open_.self.resolve = viewer.resolve
  fields('User').friends.resolve = async (_source: unknown, _args: unknown, { auth }: Context) => [
    await auth?.user(),
    await auth?.user(),
  ]
  fields('Mutation').touch.resolve = (_source: unknown, _args: unknown, { auth }: Context) => auth?.userId
  return schema
}

export interface KitOptions extends Partial<AuthOptions<Account>> {
  readonly now?: number
}

/** The preset over stores that several views can share. `now`: when it was recorded, with everybody who was there. */
export async function application(settings: Partial<GraphqlJwtSettings> = {}, { now, ...options }: KitOptions = {}) {
  const clock = { now: now ?? 1_800_000_000 }
  const stores = memoryStores({ clock: () => clock.now })
  let hashed = 0
  const { login } = passwords<Account>()
  const counted: typeof login = (credentials, tools) => {
    hashed += 1
    return login(credentials, tools)
  }
  const view = (more: Partial<GraphqlJwtSettings> = {}) => {
    const auth = createAuth({
      database: stores,
      secret: SECRET,
      clock: () => clock.now,
      origin: ORIGIN,
      preset: graphqlJwt({ JWT_SECRET_KEY: KEY, ...settings, ...more }),
      login: [{ ...passwords<Account>(), login: counted }],
      // The recordings log in more often than a person does.
      throttle: { account: { points: 1_000, seconds: 60 } },
      ...options,
      users: undefined,
    })
    const schema = withAuthMutations(schemaFor(settings.JWT_ALLOW_ARGUMENT === true), auth)
    return { auth, schema }
  }
  const { auth, schema } = view()
  const people = now === undefined ? ['alice', 'bob'] : ['alice', 'bob', 'inactive', 'root']
  for (const [index, username] of people.entries()) {
    await auth.users.create({
      id: String(index + 1),
      username,
      password: 'password',
      email: `${username}@example.com`,
      admin: username === 'root',
      permissions: username === 'root' ? ['auth.add_user'] : [],
    })
  }
  if (people.length > 2) await auth.users.disable('3')
  clock.now += 3_600
  return { auth, schema, clock, view, hashed: () => hashed }
}

type View = Pick<Awaited<ReturnType<typeof application>>, 'auth' | 'schema'>

/** Sends a request to Yoga in this process. */
export function yogaOf({ auth, schema }: View, graphqlEndpoint = '/graphql'): (request: Request) => Promise<Response> {
  const plugins = [yogaPlugin(auth, { development: false, denyByDefault: false })]
  const yoga = createYoga({ schema, plugins, graphqlEndpoint, logging: false, batching: true, maskedErrors: false })
  return async (request) => yoga.fetch(request)
}

export interface Asked {
  readonly headers?: Record<string, string>
  readonly variables?: object
}

/** One question to a view, as a client would ask it. */
export function client(view: View) {
  const send = yogaOf(view)
  return async (query: string, { headers = {}, variables }: Asked = {}) => {
    const response = await send(
      new Request(`${ORIGIN}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      }),
    )
    const body: Json = await response.json()
    const set = response.headers.getSetCookie()
    const jar = Object.fromEntries(set.map((line) => line.split(';', 1)[0]?.split(/=(.*)/s) as [string, string]))
    const messages = (body.errors ?? []).map(({ message }: Json) => message) as string[]
    return { status: response.status, data: body.data, errors: body.errors, messages, set, jar }
  }
}
