/** Every defective token through every door of a running server: the library, REST, and GraphQL open and closed (cases 1-106, 219). */
import { type Defect, defects } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count } from '../../latchkey/test/count.js'
import { startServer } from './server-kit.js'

type Server = Awaited<ReturnType<typeof startServer>>

/** What a door answered: the code of its refusal, or nothing if it let the token in. */
type Door = (server: Server, token: string) => Promise<{ code: string | undefined; told: string }>

const doors: Record<string, Door> = {
  async library({ auth }, token) {
    try {
      await auth.tokens.verify(token)
      return { code: undefined, told: '' }
    } catch (error) {
      return { code: (error as { code: string }).code, told: '' }
    }
  },
  async REST({ call }, token) {
    const { status, body, text, headers } = await call('GET', '/auth/me', { token })
    return { code: status === 200 ? undefined : body.code, told: constant(text, headers) }
  },
  async 'GraphQL, open'({ graphql }, token) {
    const { status, body, text, headers } = await graphql('{ me { id } }', { token })
    expect(status).toBe(200)
    return { code: body.data.me ? undefined : body.errors[0].extensions.code, told: constant(text, headers) }
  },
}

/** An answer without what differs between any two of them. */
function constant(text: string, headers: Headers): string {
  const changing = ['date', 'x-request-id', 'content-length']
  return JSON.stringify([text, [...headers].filter(([name]) => !changing.includes(name))])
}

describe.each(Object.entries(doors))('%s', (name, door) => {
  let server: Server
  let table: readonly Defect[]
  const stop: (() => unknown)[] = []

  beforeAll(async () => {
    server = await startServer({ development: false, finished: (close) => stop.push(close) })
    const { tokens } = await server.addAlice()
    const { claims } = await server.auth.tokens.verify(tokens.access_token)
    const key = await server.auth.keys.signer()
    table = defects({ key, claims, now: server.clock.now }).filter(({ sendable }) => sendable || name === 'library')
  })
  afterAll(() => Promise.all(stop.map((close) => close())))

  test('refuses every hostile token with its code, and accepts the good ones', async () => {
    const wrong: string[] = []
    for (const { case: number, name: title, token, codes: usual } of table) {
      const { code } = await door(server, token as string)
      // A comma in a header is a second value, before it is part of a token.
      const codes = name !== 'library' && String(token).includes(',') ? ['credential_ambiguous'] : usual
      const right = codes.length === 0 ? code === undefined : code !== undefined && codes.some((one) => one === code)
      if (!right) wrong.push(`${number} ${title}: ${code}, not ${codes.join(' or ')}`)
    }
    expect(wrong).toEqual([])
    count(`hostile tokens, ${name}`, table.filter(({ codes }) => codes.length > 0).length)
  })

  test('tells whoever proved nothing one constant answer, byte for byte (case 219)', async () => {
    const told = new Set<string>()
    for (const { token, codes } of table) {
      if (codes.length !== 1 || codes[0] !== 'token_invalid' || String(token).includes(',')) continue
      told.add((await door(server, token as string)).told)
    }
    expect([...told]).toHaveLength(1)
  })
})
