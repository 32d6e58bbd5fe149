/** The fields of the application, each behind what the decorators of django-graphql-jwt asked. */
import { createSchema } from 'graphql-yoga'
import { type AuthContext, AuthError, anyOf, type Guard, permission } from 'latchkey'
import { directives, withRules } from 'latchkey/graphql'

interface Person {
  readonly id: string
  readonly username: string
  readonly email?: string | null
  readonly admin?: boolean
}

interface Context {
  readonly auth?: AuthContext
}

const typeDefs = /* GraphQL */ `
  ${directives}
  type Query {
    viewer(token: String): User @authenticated
    staff: String
    su: String
    perm: String
    test: String
  }
  type User @authenticated {
    id: ID!
    username: String!
    email: String
  }
`

/** `user_passes_test`: whoever is nobody fails every test. */
const passes =
  (test: (user: Person) => boolean): Guard =>
  async (auth) => {
    if (!auth) throw new AuthError('credential_missing')
    if (!test((await auth.user()) as unknown as Person)) throw new AuthError('permission_denied')
  }

const isAdmin = passes(({ admin }) => admin === true)

/** A schema of its own for each view: their mutations are not the same. */
export function schemaOfFields() {
  const schema = createSchema<Context>({
    typeDefs,
    resolvers: {
      Query: {
        viewer: (_root, _args, { auth }) => auth?.user(),
        staff: () => 'ok',
        su: () => 'ok',
        perm: () => 'ok',
        test: () => 'ok',
      },
    },
  })
  const { staff, su, perm, test } = schema.getQueryType()?.getFields() ?? {}
  Object.assign(staff ?? {}, { extensions: withRules(isAdmin) })
  Object.assign(su ?? {}, { extensions: withRules(isAdmin) })
  // In Django a superuser has every permission; where that is not so, `@hasPermission(allOf: ["auth.add_user"])` says it in the schema.
  Object.assign(perm ?? {}, { extensions: withRules(anyOf(isAdmin, permission('auth.add_user'))) })
  Object.assign(test ?? {}, { extensions: withRules(passes(({ username }) => username === 'alice')) })
  return schema
}
