/** The layer rule of the library: bytes -> signature -> key -> token -> transport -> caller -> endpoint -> app. */

const library = '^packages/latchkey/src/'
const parts = (names) => `${library}(${names.join('|')})(/|\\.ts$)`

/** From left to right: a part imports only from parts to its left. Parts of one row are on the same level. */
const layers = [
  ['util', 'errors', 'events'],
  ['jwt'],
  ['keys'],
  ['revocation'],
  ['tokens'],
  ['users'],
  ['transport'],
  ['guard'],
  ['endpoints'],
  ['issuer-options', 'issuer-mapping', 'issuer-settings'],
  ['preset'],
  ['auth-options', 'browser-settings', 'cookie-budget', 'options', 'remote-options'],
  ['hearing', 'issuers', 'issuing', 'people', 'api-access', 'housekeeping', 'remote-proof', 'remote-revocations'],
  ['auth-object', 'auth', 'remote-auth'],
  ['adapters', 'graphql', 'presets'],
]

/** Who may know what a database must do, though never which database it is: the shape of a user is written there, too. */
const mayImportPort = layers
  .slice(2)
  .flat()
  .filter((name) => name !== 'transport')

/** Two files only describe: what a database must do, and what a request looks like. They are imported by type. */
const port = `${library}stores/port\\.ts$`
const head = `${library}transport/head\\.ts$`

/** An event carries a request head, a user and claims: `events` names these three shapes, by type only. */
const described = `${library}(stores/port|jwt/jws|transport/head)\\.ts$`

const door = Object.values(require('./packages/latchkey/package.json').exports)
  .filter((target) => typeof target === 'object')
  .map(({ import: esm }) => esm.default.replace('./dist/bundle/', library).replace(/\.js$/, '\\.ts$'))

const toTheLeft = layers.map((row, level) => ({
  name: `${row.join('-')}-look-left`,
  comment: `${row.join(', ')} import only what stands to their left in the layer rule.`,
  severity: 'error',
  from: { path: parts(row) },
  to: { path: library, pathNot: [parts(layers.slice(0, level + 1).flat()), ...exceptions(row)] },
}))

function exceptions(row) {
  if (row.includes('auth')) return [parts(['stores'])]
  if (row.includes('events')) return [described]
  if (row.includes('tokens') || row.includes('users')) return [port, head]
  return row.some((name) => mayImportPort.includes(name)) ? [port] : []
}

module.exports = {
  forbidden: [
    ...toTheLeft,
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one idea in two places.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'util-knows-nothing',
      comment: 'util knows nothing about authentication; it may only refuse.',
      severity: 'error',
      from: { path: parts(['util']) },
      to: { path: library, pathNot: parts(['util', 'errors']) },
    },
    {
      name: 'events-by-type',
      comment: 'An event names the shapes that it carries, and runs no code of theirs.',
      severity: 'error',
      from: { path: `${library}events\\.ts$` },
      to: { path: described, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'port-by-type',
      comment: 'The port is a description: the core imports it by type only.',
      severity: 'error',
      from: { path: parts(layers.flat()) },
      to: { path: port, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'head-by-type',
      comment: 'Tokens and users may say which request they were asked by, and read nothing from it.',
      severity: 'error',
      from: { path: parts(['tokens', 'users']) },
      to: { path: head, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'options-for-auth-only',
      comment: 'Options are for people, settings are for code: only the composition and presets know options.ts.',
      severity: 'error',
      from: {
        path: library,
        pathNot: parts(['index', 'auth', 'issuing', 'people', 'api-access', 'options', 'presets', 'testing']),
      },
      to: { path: parts(['options']) },
    },
    {
      name: 'stores-know-the-port',
      comment: 'A store knows the port, util and errors, and no rule about tokens.',
      severity: 'error',
      from: { path: parts(['stores']) },
      to: { path: library, pathNot: parts(['stores', 'util', 'errors']) },
    },
    {
      name: 'client-knows-the-wire',
      comment: 'The browser client shares types with the endpoints and no code with anybody.',
      severity: 'error',
      from: { path: parts(['client']) },
      to: { path: library, pathNot: [parts(['client']), `${library}endpoints/wire\\.ts$`] },
    },
    {
      name: 'wire-by-type',
      severity: 'error',
      from: { path: parts(['client']) },
      to: { path: `${library}endpoints/wire\\.ts$`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'front-door-is-for-guests',
      comment: 'Inside the house nobody goes through the front door, and the test kit is for tests.',
      severity: 'error',
      from: { path: library, pathNot: parts(['testing']) },
      to: { path: parts(['index', 'testing']) },
    },
    {
      name: 'every-part-has-a-level',
      comment: 'A new folder or root file takes its place in the layer rule, on purpose.',
      severity: 'error',
      from: { path: library, pathNot: parts([...layers.flat(), 'stores', 'client', 'testing', 'index']) },
      to: {},
    },
    {
      name: 'server-uses-doors',
      comment: 'The server has no other way in than anybody else.',
      severity: 'error',
      from: { path: '^(packages/server|examples/[^/]+)/src/' },
      to: { path: '^packages/latchkey/', pathNot: door },
    },
    {
      name: 'doors-by-name',
      comment: 'A relative path through the wall is no door.',
      severity: 'error',
      from: { path: '^(packages/server|examples/[^/]+)/src/' },
      to: { path: '^packages/latchkey/', dependencyTypes: ['local'], dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'library-alone',
      comment: 'The library knows no application that uses it.',
      severity: 'error',
      from: { path: library },
      to: { path: '^(packages/(server|console)|examples|bench|scripts)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
