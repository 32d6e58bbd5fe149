/** Whatever stands in a Cookie header: it is never a fault of ours, and lets nobody in but by the exact names. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { headOf } from '../../src/transport/head.js'
import { MODES, withBrowser } from './kit.js'

/** What a header may hold: everything above the control characters, in one byte each. */
const text = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
})

describe.each(Object.entries(MODES))('with %s', (mode, transport) => {
  test('no Cookie header is a fault, and none lets anybody in but the exact names with the exact values', async () => {
    const { login, call, cookie, csrf, auth, user } = await withBrowser({
      transports: [transport(), bearer()],
      silentRefresh: true,
    })
    await login()
    const exact = Object.fromEntries(
      cookie('/')
        .split('; ')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    )
    const names = Object.keys(exact)
    const lets =
      mode === 'one cookie' ? [['__Host-access_token']] : [['__Host-access_payload', '__Host-access_signature']]
    const ways = [...lets, ['__Host-refresh_token']]
    const nearly = fc
      .constantFrom(...names)
      .chain((name) =>
        fc.constantFrom(
          name.toLowerCase(),
          name.replace('__Host-', ''),
          name.replace('__Host-', '__Secure-'),
          `${name} `,
          `x${name}`,
          `"${name}"`,
          name.replace('_', '%5f'),
        ),
      )
    const pair = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...Object.values(exact))) },
      { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => [name, exact[name] as string] as const) },
      { weight: 2, arbitrary: fc.tuple(nearly, fc.constantFrom(...Object.values(exact))) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...names), text) },
      { weight: 1, arbitrary: fc.tuple(text, text) },
    )
    const header = fc.oneof(
      fc
        .tuple(fc.array(pair, { maxLength: 8 }), fc.constantFrom('; ', ';', ';  ', ', ', ' ; '))
        .map(([pairs, between]) => pairs.map((one) => one.join('=')).join(between)),
      text,
    )
    const unsafe = [
      ['POST', '/auth/refresh'],
      ['DELETE', '/auth/sessions'],
      ['GET', '/auth/me'],
      ['GET', '/auth/csrf'],
      ['POST', '/auth/login'],
    ] as const
    let letIn = 0
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom(...unsafe), async (given, [method, path]) => {
        const sent = given.trim()
        const { status } = await call(method, path, { headers: { cookie: sent, ...csrf() } })
        expect(status).toBeLessThan(500)
        const { context } = await auth.authenticate(
          headOf(new Request('https://api.example.com/', { headers: { cookie: sent } })),
        )
        if (!context) return
        letIn++
        // A parser of its own, as plain as can be: exact pairs, each name once.
        const pairs = sent.split(';').map((one) => (one.startsWith(' ') ? one.slice(1) : one))
        const holds = (name: string) =>
          pairs.includes(`${name}=${exact[name]}`) && pairs.filter((one) => one.startsWith(`${name}=`)).length === 1
        expect(ways.some((way) => way.every(holds))).toBe(true)
        expect(context.subject).toBe(user.id)
      }),
      { numRuns: 1_000, seed: 188 },
    )
    // Otherwise the drawn headers would prove nothing.
    expect(letIn).toBeGreaterThan(10)
    expect((await call('GET', '/auth/me', { headers: { cookie: cookie('/') } })).status).toBe(200)
  })
})
