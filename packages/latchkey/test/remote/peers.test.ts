/** Others take our tokens by nothing but the issuer's URL: jose by metadata and key set, express-oauth2-jwt-bearer by its own discovery. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import { auth as bearerAuth } from 'express-oauth2-jwt-bearer'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import type { AuthOptions } from '../../src/index.js'
import { API, served } from './kit.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function issuerOf(options: Parameters<typeof served>[0]) {
  const issuer = await served(options)
  closing.push(issuer.stop)
  return issuer
}

/** An API that is protected by the other library, and knows the URL and its own name. */
async function protectedBy(issuerBaseURL: string, audience = API, more: object = {}) {
  const app = express()
  app.use(bearerAuth({ issuerBaseURL, audience, ...more }))
  app.get('/who', (request, response) => void response.json({ sub: request.auth?.payload.sub }))
  const refused: ErrorRequestHandler = (error, _request, response, _next) =>
    void response.status(error.status ?? 500).json({ code: error.code ?? String(error) })
  app.use(refused)
  const server = createServer(app)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/who`
  return async (token: string) => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, body: await answer.json() }
  }
}

const algorithms: NonNullable<AuthOptions['algorithm']>[] = ['ES256', 'RS256', 'PS256', 'EdDSA']

describe.each(algorithms.map((algorithm) => ({ algorithm })))('tokens signed with $algorithm', ({ algorithm }) => {
  test('are taken by express-oauth2-jwt-bearer, which knows the issuer´s URL and the audience', async () => {
    const issuer = await issuerOf({ algorithm })
    const who = await protectedBy(issuer.url)
    const { access_token, refresh_token } = await issuer.login()
    expect(await who(access_token)).toEqual({ status: 200, body: { sub: issuer.user.id } })
    expect((await who(`${access_token.slice(0, -8)}AAAAAAAA`)).body.code).toBe('invalid_token')
    expect((await who(refresh_token)).body.code).toBe('invalid_token')
    const others = await protectedBy(issuer.url, 'https://other.example')
    expect((await others(access_token)).body.code).toBe('invalid_token')
  })

  test('are taken by jose, by metadata and key set', async () => {
    const issuer = await issuerOf({ algorithm })
    const metadata = await (await fetch(`${issuer.url}/.well-known/oauth-authorization-server`)).json()
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))
    const { access_token } = await issuer.login()
    const expected = {
      issuer: metadata.issuer,
      audience: API,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'jti', 'client_id'],
    }
    const { payload, protectedHeader } = await jwtVerify(access_token, keys, expected)
    expect([payload.sub, protectedHeader.alg]).toEqual([issuer.user.id, algorithm])
  })
})

test('strictly, as RFC 9068 has it, they are taken too', async () => {
  const issuer = await issuerOf({})
  const who = await protectedBy(issuer.url, API, { strict: true })
  expect((await who((await issuer.login()).access_token)).status).toBe(200)
})

test('an issuer with a path is found where RFC 8414 looks for it', async () => {
  const issuer = await issuerOf({ path: '/tenants/one' })
  const who = await protectedBy(issuer.url)
  expect((await who((await issuer.login()).access_token)).status).toBe(200)
})

test('the keys change, and whoever fetched the set before still takes what is signed with the next', async () => {
  const issuer = await issuerOf({})
  const who = await protectedBy(issuer.url)
  expect((await who((await issuer.login()).access_token)).status).toBe(200)
  await issuer.auth.keys.rotate()
  expect((await who((await issuer.login()).access_token)).status).toBe(200)
})

test('the metadata says what is there, and promises nothing that is not (RFC 8414 section 2)', async () => {
  const issuer = await issuerOf({})
  const answer = await fetch(`${issuer.url}/.well-known/oauth-authorization-server`)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  const metadata = await answer.json()
  expect(metadata).toEqual({
    issuer: issuer.url,
    jwks_uri: `${issuer.url}/.well-known/jwks.json`,
    // Both are demanded or have a default that would be a lie here.
    response_types_supported: [],
    grant_types_supported: [],
  })
  expect((await fetch(`${issuer.url}/.well-known/openid-configuration`)).status).toBe(404)
})
