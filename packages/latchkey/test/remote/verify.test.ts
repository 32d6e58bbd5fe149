/** A service that has no key asks the issuer about each token: once, for some seconds, and 503 where it does not answer. */
import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { checkNow, type RemoteAuthOptions, remoteAuth, type VerifyEndpoint } from '../../src/index.js'
import { whoIs } from '../issuers/kit.js'
import { API, served } from './kit.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function asking(keys: Partial<VerifyEndpoint> = {}, more: Partial<RemoteAuthOptions> = {}) {
  const issuer = await served()
  closing.push(issuer.stop)
  const clock = { ahead: 0 }
  const now = () => Math.floor(Date.now() / 1000) + clock.ahead
  const auth = remoteAuth(issuer.url, {
    audience: API,
    development: true,
    keys: { verify: true, ...keys },
    clock: now,
    ...more,
  })
  closing.push(() => auth.close())
  const questions = () => issuer.line.requests.filter((one) => one === 'POST /auth/verify').length
  return { issuer, auth, clock, questions, who: whoIs(auth as never), ...(await issuer.login()) }
}

test('a token is asked about once for all who bring it, and not again for some seconds', async () => {
  const { who, questions, clock, access_token } = await asking()
  const all = await Promise.all(Array.from({ length: 20 }, () => who(access_token)))
  expect(all.map(({ code }) => code)).toEqual(Array(20).fill(undefined))
  expect((await who(access_token)).context?.claims.sub).toBeDefined()
  expect(questions()).toBe(1)
  clock.ahead = 3
  await who(access_token)
  expect(questions()).toBe(2)
})

test('what is revoked is refused when the answer is forgotten, and at once where a guard asks', async () => {
  const { issuer, who, clock, access_token } = await asking()
  const { context } = await who(access_token)
  await checkNow(context)
  await issuer.call('POST', '/auth/logout', { token: access_token })
  await expect(checkNow(context)).rejects.toMatchObject({ code: 'token_revoked' })
  clock.ahead = 3
  expect((await who(access_token)).code).toBe('token_revoked')
})

test('with nothing remembered every request asks', async () => {
  const { issuer, who, questions, access_token } = await asking({ remember: 0 })
  await who(access_token)
  await issuer.call('POST', '/auth/logout', { token: access_token })
  expect([(await who(access_token)).code, questions()]).toEqual(['token_revoked', 2])
})

test('a token of the issuer for another service is refused, though the issuer calls it good', async () => {
  const { who, access_token } = await asking({}, { audience: 'https://other.example' })
  expect((await who(access_token)).code).toBe('token_audience')
})

test('a token of somebody else is not asked about at all', async () => {
  const { who, questions } = await asking()
  const stranger = await served()
  closing.push(stranger.stop)
  const { code } = await who((await stranger.login()).access_token)
  expect([code, questions()]).toEqual(['token_invalid', 0])
})

test('a forged token is refused, remembered, and pushes nobody out', async () => {
  const { who, questions, access_token } = await asking()
  const [head, payload] = access_token.split('.')
  for (let i = 0; i < 3; i++) {
    const { code, reason } = await who(`${head}.${payload}.${'A'.repeat(86)}`)
    expect([code, reason]).toEqual(['token_invalid', undefined])
  }
  expect(questions()).toBe(1)
  expect((await who(access_token)).code).toBeUndefined()
})

describe('an issuer that is gone', () => {
  test('is 503 for everybody whose answer is forgotten, at once after the first, and nobody is said to be wrong', async () => {
    const { issuer, auth, who, clock, questions, access_token } = await asking()
    await who(access_token)
    issuer.cut()
    expect((await who(access_token)).code).toBeUndefined()
    clock.ahead = 3
    const { failure } = await who(access_token)
    expect(failure).toMatchObject({ code: 'issuer_unreachable', status: 503 })
    expect(auth.reject(failure).headers['retry-after']).toBe('1')
    const asked = questions()
    for (let i = 0; i < 50; i++) expect((await who(access_token)).code).toBe('issuer_unreachable')
    expect(questions() - asked).toBeLessThan(5)
    issuer.mended()
    await expect.poll(async () => (await who(access_token)).code, { timeout: 5_000 }).toBeUndefined()
  })
})

describe('an answer that is none', () => {
  const good = { active: true }
  test.each<[string, number, object]>([
    ['of somebody else´s token', 200, { ...good, claims: { sub: 'root' } }],
    ['without claims', 200, good],
    ['that it is not active', 200, { active: false }],
    ['that the server is busy', 429, { code: 'token_invalid' }],
    ['that there is no such page', 404, { code: 'not_found' }],
  ])('%s lets nobody in, and blames nobody', async (_name, status, body) => {
    const { issuer, access_token } = await asking()
    const liar = await answering(status, body)
    const auth = remoteAuth(issuer.url, { audience: API, development: true, keys: { verify: liar } })
    closing.push(() => auth.close())
    expect((await whoIs(auth as never)(access_token)).code).toBe('issuer_unreachable')
  })

  test('about one token keeps nobody else waiting', async () => {
    const { issuer, access_token } = await asking()
    const odd = (await issuer.login()).access_token
    const answers = new Map([[odd, 400]])
    const url = await answering((token) => answers.get(token) ?? 200)
    const auth = remoteAuth(issuer.url, { audience: API, development: true, keys: { verify: url } })
    closing.push(() => auth.close())
    const who = whoIs(auth as never)
    expect((await who(odd)).code).toBe('issuer_unreachable')
    expect((await who(access_token)).code).toBeUndefined()
    answers.set(access_token, 503).set(odd, 200)
    await auth.tokens.checkNow(await auth.tokens.verify(access_token)).catch(() => {})
    // The judge: an outage does, for a moment.
    expect((await who(odd)).code).toBe('issuer_unreachable')
  })

  test('a refusal in other words is a token that is not valid', async () => {
    const { issuer, access_token } = await asking()
    const liar = await answering(401, { code: 'login_failed' })
    const auth = remoteAuth(issuer.url, { audience: API, development: true, keys: { verify: liar } })
    closing.push(() => auth.close())
    expect((await whoIs(auth as never)(access_token)).code).toBe('token_invalid')
  })
})

test.each<[string, object]>([
  ['algorithms', { algorithms: ['ES256'] }],
  ['an option that is none', { keys: { verify: true, secret: 'x' } }],
  ['a URL that is none', { keys: { verify: 'verify' } }],
  ['http in production', { keys: { verify: 'http://login.example.com/auth/verify' }, development: false }],
  ['an hour to remember', { keys: { verify: true, remember: '1h' } }],
])('%s beside the verify endpoint does not start', (_name, options) => {
  const all = { audience: API, keys: { verify: true }, ...options } as RemoteAuthOptions
  expect(() => remoteAuth('https://login.example.com', all)).toThrow(
    expect.objectContaining({ code: 'options_invalid' }),
  )
})

/** The URL of a server that answers everything alike, or each token with a status; what it calls good has the claims of the token. */
async function answering(status: number | ((token: string) => number), body?: object): Promise<string> {
  const server = createServer(async (request, response) => {
    const { token } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const claims = () => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    const answer = body ?? { active: true, claims: claims() }
    const code = typeof status === 'number' ? status : status(token)
    response.writeHead(code, { 'content-type': 'application/problem+json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/auth/verify`
}
