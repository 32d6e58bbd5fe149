/** The API reference: one module per door, everything exported documented. */
import { doors } from './scripts/lib/doors.mjs'

export default {
  name: 'Latchkey',
  entryPoints: doors.map(({ source }) => source),
  tsconfig: 'packages/latchkey/tsconfig.json',
  out: 'docs/api',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  githubPages: false,
  disableGit: true,
  sourceLinkTemplate: 'packages/latchkey/{path}#L{line}',
  treatWarningsAsErrors: true,
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
  // Shapes that a type computes, or that nobody has to write down.
  intentionallyNotExported: [
    ...['Read', 'Verdict', 'InputOf', 'Of', 'Without', 'Widened', 'ROWS'],
    // What GraphQL servers call their plugins with.
    ...['ApolloPlugin', 'ApolloRequest', 'YogaOperation', 'YogaParams', 'YogaPresenting'],
    ...['GraphqlHttpAnswer', 'OperationPayload', 'OperationArgs'],
  ],
  // A member says enough by its name and type where both are plain; what one imports does not.
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'TypeAlias', 'Variable', 'Enum'],
}
