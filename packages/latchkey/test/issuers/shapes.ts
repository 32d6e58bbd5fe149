/** Tokens and key sets as Keycloak, Auth0, Entra and Okta document them, with the members that they have beside the ones we read. */
import type { IssuerOptions } from '../../src/issuer-options.js'

export const NOW = 1_700_000_000

interface Wrong {
  readonly what: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly code: string
}

export interface Shape {
  readonly name: string
  /** As docs/guides/issuers.md has it. */
  readonly row: Omit<IssuerOptions, 'keys'>
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** The members of its keys beside the numbers. */
  readonly key: (facts: KeyFacts) => Readonly<Record<string, unknown>>
  /** What else lies in its key set. */
  readonly others?: (jwk: object) => readonly object[]
  readonly expected: { readonly subject: string; readonly can: readonly string[]; readonly cannot: readonly string[] }
  readonly wrong: readonly Wrong[]
}

interface KeyFacts {
  readonly kid: string
  readonly x5c: readonly string[]
  readonly x5t: string
  readonly x5t256: string
}

const KEYCLOAK = 'https://login.example.com/realms/staff'
const AUTH0 = 'https://example.eu.auth0.com/'
const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`
const OKTA = 'https://example.okta.com/oauth2/default'
const API = 'https://api.example.com'
const times = { iat: NOW, exp: NOW + 300 }

export const shapes: readonly Shape[] = [
  {
    name: 'Keycloak',
    row: {
      id: 'keycloak',
      issuer: KEYCLOAK,
      audience: API,
      username: 'preferred_username',
      schema: { type: 'object', required: ['typ'], properties: { typ: { const: 'Bearer' } } },
      permissions: {
        claim: ['realm_access', 'roles'],
        values: { editor: ['posts:write'], 'site-admin': ['posts:*'] },
      },
    },
    header: { typ: 'JWT', kid: 'keycloak-signing-key-2nd_Kf0hG7Yb3Zq' },
    claims: {
      ...times,
      auth_time: NOW - 20,
      jti: 'onrtac:0f6f2b52-1d2a-4c39-9b7b-0f4a7f9a3d6e',
      iss: KEYCLOAK,
      aud: [API, 'account'],
      sub: 'f3b0c1de-1c4e-4b8b-9a4b-2a7a5e1f3c11',
      typ: 'Bearer',
      azp: 'web',
      sid: '4f8d4a0e-6b1c-4b7a-8b57-1f5b7a7a9c00',
      acr: '1',
      'allowed-origins': ['https://app.example.com'],
      realm_access: { roles: ['editor', 'offline_access', 'uma_authorization'] },
      resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
      scope: 'openid profile email',
      email_verified: true,
      name: 'Alice Example',
      preferred_username: 'alice',
      email: 'alice@example.com',
    },
    key: ({ kid, x5c, x5t, x5t256 }) => ({ kid, kty: 'RSA', alg: 'RS256', use: 'sig', x5c, x5t, 'x5t#S256': x5t256 }),
    // Every realm has a key for encryption beside the one for signatures.
    others: (jwk) => [{ ...jwk, kid: 'keycloak-encryption-key', alg: 'RSA-OAEP', use: 'enc' }],
    expected: {
      subject: 'f3b0c1de-1c4e-4b8b-9a4b-2a7a5e1f3c11',
      can: ['posts:write'],
      cannot: ['posts:delete', 'offline_access', 'manage-account'],
    },
    wrong: [
      {
        what: 'its id token, which is for the client',
        claims: { typ: 'ID', aud: 'web', at_hash: 'nXm0', nonce: 'n', scope: undefined, realm_access: undefined },
        code: 'token_audience',
      },
      { what: 'an id token that names this API', claims: { typ: 'ID', at_hash: 'nXm0' }, code: 'claims_invalid' },
      { what: 'an access token for the account console', claims: { aud: 'account' }, code: 'token_audience' },
      { what: 'the same of another realm', claims: { iss: `${KEYCLOAK}-2` }, code: 'token_invalid' },
    ],
  },
  {
    name: 'Auth0',
    row: {
      id: 'auth0',
      issuer: AUTH0,
      audience: API,
      permissions: { claim: 'permissions', values: { 'read:posts': 'posts:read', 'write:posts': 'posts:write' } },
      attributes: { plan: 'https://example.com/plan' },
    },
    header: { typ: 'at+jwt', kid: 'RUVBOTVEMEZBMTA5NDAzNEQzNTZGNzMyMTI4MzU1RkNFQzhCQTM0Mg' },
    claims: {
      ...times,
      iss: AUTH0,
      sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
      aud: [API, 'https://example.eu.auth0.com/userinfo'],
      azp: 'my_client_id',
      scope: 'openid profile read:posts',
      permissions: ['read:posts', 'delete:everything'],
      'https://example.com/plan': 'gold',
      'https://example.com/roles': ['admin'],
    },
    key: ({ kid, x5c, x5t }) => ({ alg: 'RS256', kty: 'RSA', use: 'sig', kid, x5t, x5c }),
    expected: {
      subject: 'auth0|5f7c8ec7c33c6c004bbafe82',
      can: ['posts:read'],
      cannot: ['posts:write', 'delete:everything', 'admin'],
    },
    wrong: [
      {
        what: 'its id token, which is for the client',
        header: { typ: 'JWT' },
        claims: { aud: 'my_client_id', nonce: 'n', sid: 's', scope: undefined, permissions: undefined },
        code: 'token_audience',
      },
      { what: 'an issuer without its slash', claims: { iss: AUTH0.slice(0, -1) }, code: 'token_invalid' },
    ],
  },
  {
    name: 'Entra',
    row: {
      id: 'entra',
      issuer: ENTRA,
      audience: 'e5a0a2c4-7f0a-4b8e-8f0e-5d0d3a2b1c00',
      subject: 'oid',
      scope: 'scp',
      schema: { type: 'object', required: ['scp'] },
      permissions: { claim: 'roles', values: { 'Posts.Write': 'posts:write' } },
    },
    header: { typ: 'JWT', kid: 'nOo3ZDrODXEK1jKWhXslHR_KXEg' },
    claims: {
      aud: 'e5a0a2c4-7f0a-4b8e-8f0e-5d0d3a2b1c00',
      iss: ENTRA,
      iat: NOW,
      nbf: NOW,
      exp: NOW + 4_000,
      aio: 'AXQAi/8TAAAA',
      azp: '11111111-2222-3333-4444-555555555555',
      azpacr: '1',
      name: 'Alice Example',
      oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      preferred_username: 'alice@example.com',
      rh: '0.ARwA6Wg',
      roles: ['Posts.Write'],
      scp: 'Posts.Read Posts.List',
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      tid: TENANT,
      uti: 'fqiBqXLPj0eQa82S-IYFAA',
      ver: '2.0',
    },
    // No `alg`: the row pins it.
    key: ({ kid, x5c, x5t }) => ({ kty: 'RSA', use: 'sig', kid, x5t, x5c, cloud_instance_name: 'microsoftonline.com' }),
    expected: {
      subject: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      can: ['posts:write'],
      cannot: ['Posts.Read', 'posts:read'],
    },
    wrong: [
      {
        what: 'a token of version 1 of the same tenant',
        claims: { iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0', appid: 'web', azp: undefined },
        code: 'token_invalid',
      },
      {
        what: 'an id token, where the API and its client are one registration',
        claims: { scp: undefined, nonce: 'n', azp: undefined },
        code: 'claims_invalid',
      },
      { what: 'a token of another tenant', claims: { iss: ENTRA.replace('9188', '9189') }, code: 'token_invalid' },
      {
        what: 'a token for Graph',
        claims: { aud: '00000003-0000-0000-c000-000000000000' },
        code: 'token_audience',
      },
    ],
  },
  {
    name: 'Okta',
    row: {
      id: 'okta',
      issuer: OKTA,
      audience: 'api://default',
      subject: 'uid',
      scope: 'scp',
      permissions: { claim: 'groups', values: { Editors: 'posts:write' } },
    },
    header: { typ: undefined, kid: '0dFc4ZQm1sEK-kYxQk3e7v0rjvT1bR2cUO9c4l3mR5k' },
    claims: {
      ...times,
      ver: 1,
      jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      iss: OKTA,
      aud: 'api://default',
      sub: 'alice@example.com',
      cid: '0oabv6kx4qq6h1U5l0h7',
      uid: '00uid4BxXw6I6TV4m0g3',
      scp: ['openid', 'posts:list'],
      auth_time: NOW - 20,
      groups: ['Everyone', 'Editors'],
    },
    key: ({ kid }) => ({ kty: 'RSA', alg: 'RS256', kid, use: 'sig' }),
    expected: { subject: '00uid4BxXw6I6TV4m0g3', can: ['posts:write'], cannot: ['Everyone'] },
    wrong: [
      {
        what: 'its id token, which is for the client',
        claims: { aud: '0oabv6kx4qq6h1U5l0h7', amr: ['pwd'], idp: 'x', at_hash: 'y', scp: undefined, uid: undefined },
        code: 'token_audience',
      },
      {
        what: 'a token of the organisation, not of its server',
        claims: { iss: 'https://example.okta.com' },
        code: 'token_invalid',
      },
    ],
  },
]
