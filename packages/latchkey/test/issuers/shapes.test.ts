/** A row as the guide describes it takes what Keycloak, Auth0, Entra and Okta sign for this API, and nothing else that they sign. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trusting } from './kit.js'
import { signerOf } from './shape-signer.js'
import { NOW, type Shape, shapes } from './shapes.js'

describe.each(shapes.map((shape) => ({ name: shape.name, shape })))('$name', ({ shape }) => {
  let signer: Awaited<ReturnType<typeof signerOf>>
  let api: ReturnType<typeof trusting>
  beforeAll(async () => {
    signer = await signerOf(shape)
    api = trusting([{ ...shape.row, keys: { jwks: signer.jwks } }])
    api.clock.now = NOW
  })
  afterAll(() => api.auth.close())

  test('its access token is somebody, with what the row makes of it and no more', async () => {
    const { context, failure } = await api.whoIs(await signer.sign())
    expect(failure).toBeUndefined()
    expect(context).toMatchObject({ subject: shape.expected.subject, issuer: shape.row.issuer, sessionId: undefined })
    const held = await Promise.all(shape.expected.can.map((one) => context?.can(one)))
    const more = await Promise.all(shape.expected.cannot.map((one) => context?.can(one)))
    expect([held, more]).toEqual([held.map(() => true), more.map(() => false)])
    expect([...(context?.scopes ?? [])]).toEqual(wordsOf(shape))
  })

  test.each(shape.wrong.map((one) => ({ ...one })))('$what is refused', async ({ claims, header, code }) => {
    expect((await api.whoIs(await signer.sign(claims, header))).code).toBe(code)
  })

  test('the right token signed by another key of the same name is refused', async () => {
    const stranger = await signerOf(shape)
    expect((await api.whoIs(await stranger.sign())).code).toBe('token_invalid')
  })

  test('what the key set has beside the key of signatures signs nothing', () => {
    const [{ keys } = { keys: [] }] = api.auth.issuers()
    expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([[shape.header.kid, 'RS256']])
  })
})

function wordsOf({ row, claims }: Shape): readonly string[] {
  const said = claims[(row.scope as string | undefined) ?? 'scope']
  return typeof said === 'string' ? said.split(' ') : (said as string[])
}
