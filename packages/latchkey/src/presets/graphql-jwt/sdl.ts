/** The mutations of django-graphql-jwt as a schema has them: plain, or with one `input` as Relay wants it. */
import type { ReadSettings } from './settings.js'

type Settings = Pick<ReadSettings, 'longRunning' | 'hidesTokens' | 'relay'>

/** By the names of the fields: the type, and what it takes and gives. */
interface Shape {
  readonly type: string
  readonly takes: Readonly<Record<string, string>>
  readonly gives: Readonly<Record<string, string>>
}

export type MutationName =
  | 'tokenAuth'
  | 'verifyToken'
  | 'refreshToken'
  | 'revokeToken'
  | 'deleteTokenCookie'
  | 'deleteRefreshTokenCookie'

function shapes({ longRunning, hidesTokens }: Settings): Readonly<Record<MutationName, Shape>> {
  const tokens = {
    payload: 'GenericScalar!',
    refreshExpiresIn: 'Int!',
    ...(!hidesTokens && { token: 'String!' }),
    ...(!hidesTokens && longRunning && { refreshToken: 'String!' }),
  }
  const deleted = { deleted: 'Boolean!' }
  const refresh = { refreshToken: 'String' }
  return {
    tokenAuth: { type: 'ObtainJSONWebToken', takes: { username: 'String!', password: 'String!' }, gives: tokens },
    verifyToken: { type: 'Verify', takes: { token: 'String' }, gives: { payload: 'GenericScalar!' } },
    refreshToken: { type: 'Refresh', takes: longRunning ? refresh : { token: 'String' }, gives: tokens },
    revokeToken: { type: 'Revoke', takes: refresh, gives: { revoked: 'Int!' } },
    deleteTokenCookie: { type: 'DeleteJSONWebTokenCookie', takes: {}, gives: deleted },
    deleteRefreshTokenCookie: { type: 'DeleteRefreshTokenCookie', takes: {}, gives: deleted },
  }
}

const ID = { clientMutationId: 'String' }

/** The types, the field of each mutation, and the names of what they give. */
export function sdlOf(settings: Settings): {
  readonly types: string
  readonly fields: Readonly<Record<MutationName, string>>
  readonly given: ReadonlySet<string>
} {
  const { relay } = settings
  const all = Object.entries(shapes(settings)) as [MutationName, Shape][]
  const payloadOf = ({ type }: Shape): string => (relay ? `${type}Payload` : type)
  const types = all.flatMap((one) => {
    const [, { type, takes, gives }] = one
    const given = `type ${payloadOf(one[1])} { ${members(relay ? { ...gives, ...ID } : gives)} }`
    return relay ? [given, `input ${type}Input { ${members({ ...takes, ...ID })} }`] : [given]
  })
  return {
    types: ['scalar GenericScalar', ...types].join('\n'),
    fields: Object.fromEntries(
      all.map(([name, shape]) => [name, `${name}${argumentsOf(shape)}: ${payloadOf(shape)}`]),
    ) as Record<MutationName, string>,
    given: new Set(all.map(([, shape]) => payloadOf(shape))),
  }

  function argumentsOf({ type, takes }: Shape): string {
    if (relay) return `(input: ${type}Input!)`
    return Object.keys(takes).length === 0 ? '' : `(${members(takes)})`
  }
}

const members = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, type]) => `${name}: ${type}`)
    .join(', ')
