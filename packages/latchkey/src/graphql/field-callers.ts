/** Callers found out field by field: a bad credential is told where it is looked at, and an argument may bring another one. */
import type { GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema } from 'graphql'
import { getNamedType } from 'graphql'
import type { Auth } from '../auth.js'
import type { FieldCallers } from '../endpoints/graphql-surface.js'
import type { Authentication } from '../guard/authenticator.js'
import { CALLER, type Caller, callerOn } from './caller.js'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/** What stands around the rules of a type's fields, so that they see the caller of their field; `undefined` where nothing does. */
export type Around = (
  type: GraphQLObjectType,
) => ((field: GraphQLField<unknown, unknown>, resolve: Resolver) => Resolver) | undefined

const MEMBER = 'latchkeyAround'

/** What a schema has around all its rules, also after another tool made a new one of it. */
export const aroundOf = (schema: GraphQLSchema): Around | undefined => schema.extensions[MEMBER] as Around | undefined

/** The schema, whose fields ask each for their caller once `protect` makes the rules hold. */
export function withFieldCallers(
  schema: GraphQLSchema,
  callers: FieldCallers,
  auth: Pick<Auth, 'authenticate'>,
): GraphQLSchema {
  schema.extensions = { ...schema.extensions, [MEMBER]: createAround(schema, callers, auth) }
  return schema
}

function createAround(schema: GraphQLSchema, callers: FieldCallers, auth: Pick<Auth, 'authenticate'>): Around {
  const { argument } = callers
  const roots = new Set([schema.getQueryType()?.name, schema.getMutationType()?.name])
  const branches = createBranches(callers, auth)
  return (type) => {
    const isRoot = roots.has(type.name)
    if (!isRoot && !argument) return undefined
    return (field, resolve) => {
      const isOpen = isRoot && callers.isOpen({ name: field.name, type: getNamedType(field.type).name })
      return isOpen ? resolve : asking(resolve, isRoot)
    }
  }

  function asking(resolve: Resolver, isRoot: boolean): Resolver {
    return (source, args, context, info) => {
      const token = tokenIn(args)
      if (token !== undefined) {
        return branches.begin(token, context, info).then((branch) => resolve(source, args, branch, info))
      }
      const failure = isRoot ? callerOn(context)?.failure : undefined
      if (failure) throw failure
      return resolve(source, args, branches.of(context, info), info)
    }
  }

  /** As it is given, or in the one argument that Relay's mutations have. */
  function tokenIn(args: Readonly<Record<string, unknown>>): string | undefined {
    if (!argument) return undefined
    const { input } = args
    const given = typeof input === 'object' && input !== null ? (input as typeof args) : args
    const token = given[argument.name]
    return typeof token === 'string' && token !== '' ? token : undefined
  }
}

/** The parts of one operation that have a caller of their own. */
interface Branches {
  readonly byPath: Map<string, unknown>
  readonly byToken: Map<string, Promise<object>>
}

function createBranches({ argument }: FieldCallers, auth: Pick<Auth, 'authenticate'>) {
  // Made anew for each execution by every executor, also where a context serves several.
  const operations = new WeakMap<object, Branches>()
  return { begin, of }

  /** The context of a field that brings a token, and of all below. Rejects with what is against the token. */
  async function begin(token: string, context: unknown, info: GraphQLResolveInfo): Promise<object> {
    const branches = branchesOf(info)
    const known = branches.byToken.get(token) ?? contextBy(token, context as object)
    branches.byToken.set(token, known)
    const branch = await known
    branches.byPath.set(pathOf(info.path), branch)
    return branch
  }

  /** The context of the nearest field above that brought a token. */
  function of(context: unknown, info: GraphQLResolveInfo): unknown {
    const branches = operations.get(info.variableValues)
    if (!branches) return context
    for (let path = info.path.prev; path; path = path.prev) {
      const branch = branches.byPath.get(pathOf(path))
      if (branch) return branch
    }
    return context
  }

  function branchesOf({ variableValues }: GraphQLResolveInfo): Branches {
    const known = operations.get(variableValues)
    if (known) return known
    const made: Branches = { byPath: new Map(), byToken: new Map() }
    operations.set(variableValues, made)
    return made
  }

  async function contextBy(token: string, context: object): Promise<object> {
    const caller = callerOn(context) as Caller
    const head = (argument as NonNullable<typeof argument>).head(token, caller.head)
    const found = (await auth.authenticate(head, caller.peer, { renew: false })) as Authentication
    if (found.failure) throw found.failure
    // On top of the application's own context, which it may have put anything on.
    return Object.assign(Object.create(context), {
      auth: found.context,
      [CALLER]: { ...caller, found, failure: undefined } satisfies Caller,
    })
  }
}

/** Without the places in lists: an argument is the same for all items. */
function pathOf(path: GraphQLResolveInfo['path']): string {
  const keys: (string | number)[] = []
  for (let at: typeof path | undefined = path; at; at = at.prev) if (typeof at.key === 'string') keys.push(at.key)
  return keys.join('.')
}
