/** GraphQL as a surface: which mutation does what, and how refusals read. The native one and that of every preset are such tables. */
import type { AuthError } from '../errors.js'
import type { RequestHead } from '../transport/head.js'
import type { Call } from './surface.js'

/** One call of a mutation. */
export interface MutationCall extends Call {
  /** Whether the client asks for a member of the answer. */
  asksFor(member: string): boolean
}

/** What a mutation gives, and the cookies that the response has to set. */
export interface Mutated {
  readonly data: object
  readonly cookies?: readonly string[]
}

/** A mutation: its field in SDL, and what it does. */
export interface Mutation {
  /** `tokenAuth(username: String!, password: String!): TokenPayload!` */
  readonly sdl: string
  /** Throws what its field is refused with. */
  run(args: Readonly<Record<string, unknown>>, call: MutationCall): Promise<Mutated>
}

/** How a system found out its callers that looked at the token field by field. */
export interface FieldCallers {
  /** Whether the refusal of a credential is told at each field, so that other fields are answered. If not, the request is refused as a whole. */
  tells(failure: AuthError): boolean
  /** Whether a field of a root looks at no token, good or bad. */
  isOpen(field: { readonly name: string; readonly type: string }): boolean
  /** Absent: no argument brings a token. */
  readonly argument?: TokenArgument | undefined
}

/** An argument that brings a token for its field and all below. */
export interface TokenArgument {
  readonly name: string
  /** The request as it would be with that token alone. */
  head(token: string, head: RequestHead): RequestHead
}

/** The mutations of a system, and how it reads and refuses. */
export interface GraphqlSurface {
  /** The types that the mutations need, in SDL. */
  readonly types: string
  /** By the names of their fields. */
  readonly mutations: Readonly<Record<string, Mutation>>
  /** A refusal, ours or of its mutations, in the system's own words; callers are not sent the code. `undefined`: in ours, with its code. */
  say?(error: unknown): { readonly message: string; readonly code: string } | undefined
  /** Absent: the caller is found out once, and a bad credential refuses what needs somebody. */
  readonly fields?: FieldCallers
}
