/** What every user of the library does: one account, one login, one protected request, one refusal. */
import { type Auth, type AuthContext, AuthError, createAuth, permission } from 'latchkey'

const options = {
  issuer: 'https://api.example.com',
  database: 'memory',
  secret: 'Vq0mG2tN8yXr5cJ7bZ4hKs1wPd9eLf3a-consumer',
} as const

export async function story(): Promise<void> {
  const auth = createAuth({
    ...options,
    claims: (user) => ({ tenant: `of ${user.username}`, plan: 'free' }),
    claimsSchema: {
      required: ['tenant', 'plan'],
      properties: { tenant: { type: 'string' }, plan: { enum: ['free', 'pro'] } },
    },
  })
  // @ts-expect-error: the schema demands a plan
  createAuth({ ...options, claims: () => ({ tenant: 'a' }), claimsSchema: { required: ['plan'] } })
  await auth.users.create({ username: 'alice', password: 'correct horse battery', permissions: ['posts:*'] })

  const login = await post(auth, '/auth/login', { username: 'alice', password: 'correct horse battery' })
  if (login.status !== 200) throw new Error(`login: ${login.status} ${await login.text()}`)
  const { access_token: token } = (await login.json()) as { access_token: string }

  const { context } = await auth.authenticate(bearer(token))
  if (context === undefined) throw new Error('the token was not accepted')
  const tenant: string = context.claims.tenant
  const plan: 'free' | 'pro' = context.claims.plan
  if (plan !== 'free') throw new Error(`plan: ${plan}`)
  if (tenant !== 'of alice') throw new Error(`tenant: ${tenant}`)
  await permission('posts:write')(context as AuthContext)

  const { failure } = await auth.authenticate(bearer(`${token}x`))
  if (!(failure instanceof AuthError) || failure.code !== 'token_invalid') throw new Error(`refusal: ${failure?.code}`)
  await auth.close()
}

const bearer = (token: string) => ({
  method: 'GET',
  header: (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined),
})

async function post(auth: Pick<Auth, 'handle'>, path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const request = new Request(`https://api.example.com${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const response = await auth.handle(request, { address: '203.0.113.1' })
  if (response === undefined) throw new Error(`nothing answers ${path}`)
  return response
}
