/** The list of checks in the answer to a refused token: for developers, and for nobody else. */
import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { apiToken, jwt } from '../../src/index.js'
import { createSigner } from '../../src/jwt/index.js'
import { signedIn } from '../auth-kit.js'

interface Check {
  readonly name: string
  readonly ok: boolean | null
  readonly detail?: string
}

const NAMES = ['form', 'issuer', 'key', 'signature', 'typ', 'iss', 'aud', 'exp', 'nbf', 'iat', 'lifetime', 'sub']
const ALL = [...NAMES, 'jti', 'sid', 'schema', 'revocation', 'user']

let kit: Awaited<ReturnType<typeof signedIn>>
let other: typeof kit
let claims: Record<string, unknown>
beforeAll(async () => {
  kit = await signedIn({ development: true, authenticators: [jwt(), apiToken()] })
  other = await signedIn({ development: false, authenticators: [jwt(), apiToken()] })
  claims = JSON.parse(atob((kit.tokens.access_token as string).split('.')[1]?.replace(/-/g, '+') ?? ''))
  return () => Promise.all([kit.auth.close(), other.auth.close()])
})

/** A token that our own key signed, whatever it says. */
async function signed(more: object, header: object = { typ: 'at+jwt' }, by = kit): Promise<string> {
  return createSigner(await by.auth.keys.signer(), header)({ ...claims, ...more })
}

async function answer(token: string | undefined, by = kit): Promise<{ code: string; checks?: readonly Check[] }> {
  return (await by.call('GET', '/auth/me', { token })).body
}

const cut = (token: string) => `${token.slice(0, -8)}AAAAAAAA`

const refused: readonly (readonly [
  what: string,
  name: string,
  detail: string | RegExp,
  make: () => Promise<string>,
])[] = [
  ['no token at all', 'form', 'structure', async () => 'abc'],
  ['a token of nobody we know', 'iss', /^iss is "https:..x", wanted/, () => signed({ iss: 'https://x' })],
  ['a token by another key', 'key', /kid and algorithm/, () => signed({}, { typ: 'at+jwt' }, other)],
  ['a token that was changed', 'signature', 'signature', async () => cut(await signed({}))],
  ['another kind of token', 'typ', 'typ is "JWT", wanted at+jwt', () => signed({}, { typ: 'JWT' })],
  ['a token for somebody else', 'aud', /^aud is "x", wanted https:\/\/api\.example\.com$/, () => signed({ aud: 'x' })],
  ['a token for nobody', 'aud', /^aud is missing, wanted/, () => signed({ aud: undefined })],
  ['a token of yesterday', 'exp', /^expired \d+s ago$/, () => signed({ exp: 1_600_000_000, iat: 1_599_999_999 })],
  ['a token of tomorrow', 'nbf', /^valid in \d+s$/, () => signed({ nbf: 1_700_000_100 })],
  ['a token of no session', 'sid', 'sid', () => signed({ sid: undefined })],
]

describe('in development', () => {
  test.each(refused)('%s shows what was looked at: %s', async (_, name, detail, make) => {
    const { checks = [] } = await answer(await make())
    const at = ALL.indexOf(name)
    expect(checks.map((check) => check.name)).toEqual(ALL)
    expect(checks.map(({ ok }) => ok)).toEqual(ALL.map((_, index) => (index === at ? false : index < at || null)))
    expect(checks[at]?.detail).toMatch(detail)
  })

  test('where there are several issuers, one that is none of them is looked for in vain', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keys = { pem: publicKey.export({ type: 'spki', format: 'pem' }) as string }
    const idp = { issuer: 'https://idp.example', audience: 'https://api.example.com', keys }
    const many = await signedIn({ development: true, issuers: [idp] })
    const { checks = [] } = await answer(await signed({ iss: 'https://x' }), many)
    expect(checks.slice(0, 3)).toEqual([
      { name: 'form', ok: true },
      { name: 'issuer', ok: false, detail: 'iss' },
      { name: 'key', ok: null },
    ])
    await many.auth.close()
  })

  test('a revoked token and a stale one passed all but the last checks', async () => {
    const { access_token } = await kit.login()
    await kit.auth.users.grant(kit.user.id, ['more:read'])
    for (const [code, change] of [
      ['token_stale', async () => {}],
      ['token_revoked', () => kit.auth.revoke({ user: kit.user.id })],
    ] as const) {
      await change()
      const said = await answer(access_token)
      expect([said.code, said.checks?.find(({ ok }) => ok === false)?.name]).toEqual([code, 'revocation'])
    }
  })

  test.each<[string, () => Promise<string | undefined>]>([
    ['no token', async () => undefined],
    ['an API token, which is looked up', async () => `lk_${'A'.repeat(72)}`],
  ])('%s has no such list', async (_, make) => expect(await answer(await make())).not.toHaveProperty('checks'))

  test('nor has a refresh token', async () => {
    const body = { refresh_token: 'abc' }
    const { code, checks } = (await kit.call('POST', '/auth/refresh', { body })).body
    expect([code, checks]).toEqual(['refresh_invalid', undefined])
  })

  test('a good token is answered as ever', async () => {
    const { access_token } = await kit.login()
    expect(await answer(access_token)).toMatchObject({ username: 'alice' })
  })
})

test('elsewhere nobody is shown anything', async () => {
  for (const [, , , make] of refused) {
    const said = await answer(await make(), other)
    for (const member of ['checks', 'hint']) expect(said).not.toHaveProperty(member)
  }
})
