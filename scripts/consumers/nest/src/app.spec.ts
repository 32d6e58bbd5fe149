/** The protected route of a NestJS application, tested with the Jest of its starter. */
import type { AddressInfo } from 'node:net'
import type { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { AuthError, createAuth } from 'latchkey'
import { type AppAuth, AppModule, AUTH } from './app.module'

let app: INestApplication
let url: string

beforeAll(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
  app = module.createNestApplication()
  await app.listen(0, '127.0.0.1')
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/me`
})

afterAll(async () => {
  await app.get<AppAuth>(AUTH).close()
  await app.close()
})

test('without a token the guard refuses', async () => {
  const response = await fetch(url)
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({ code: 'credential_missing' })
})

test('a token of this application opens the route', async () => {
  const auth = app.get<AppAuth>(AUTH)
  await auth.users.create({ username: 'alice', password: 'correct horse battery' })
  const login = await auth.handle(
    new Request('https://api.example.com/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'alice', password: 'correct horse battery' }),
    }),
    { address: '203.0.113.1' },
  )
  if (login === undefined) throw new Error('nothing answers /auth/login')
  const { access_token: token } = (await login.json()) as { access_token: string }
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  expect(response.status).toBe(200)
})

test('unsafe options are refused with the error of the library', () => {
  expect(() => createAuth({ issuer: 'https://api.example.com', database: 'memory', secret: 'short' })).toThrow(
    AuthError,
  )
})
