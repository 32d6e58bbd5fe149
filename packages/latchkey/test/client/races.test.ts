/** However many tabs ask however much at whatever moments: at most one rotation for each token that expired, and nobody is signed out. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signedIn } from './kit.js'
import { ABLE, type Abilities, seeded } from './world.js'

const ACCESS_SECONDS = 300

/** What happens in a browser: after a pause, some tabs send some requests. */
const bursts = fc.array(
  fc.record({
    pause: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 150, max: 320 }), fc.constant(2_000)),
    requests: fc.array(fc.record({ tab: fc.nat(4), isUnsafe: fc.boolean() }), { minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 6 },
)

interface Played {
  readonly refreshes: number
  readonly rotations: number
  readonly expiries: number
  readonly reused: number
  readonly statuses: ReadonlySet<number>
}

async function play(
  mode: 'split' | 'one',
  abilities: Abilities,
  seed: number,
  script: readonly { readonly pause: number; readonly requests: readonly { tab: number; isUnsafe: boolean }[] }[],
): Promise<Played> {
  const scene = { tabs: 5, accessSeconds: ACCESS_SECONDS, random: seeded(seed), abilities, mode }
  const { server, world, clients } = await signedIn(scene)
  const statuses = new Set<number>()
  let expiries = 0
  for (const { pause, requests } of script) {
    await world.pass(pause)
    const before = server.rotations
    const sent = requests.map(({ tab, isUnsafe }) =>
      clients[tab]?.fetch('/posts', { method: isUnsafe ? 'POST' : 'GET' }),
    )
    for (const response of await world.run(Promise.all(sent))) if (response) statuses.add(response.status)
    await world.pass(1)
    if (server.rotations > before) expiries++
  }
  expect(clients.some(({ user }) => user?.id === 'ada')).toBe(true)
  return {
    refreshes: server.calls('/auth/refresh'),
    rotations: server.rotations,
    expiries,
    reused: server.reused,
    statuses,
  }
}

const runs = { numRuns: 20 }

for (const mode of ['split', 'one'] as const) {
  test.each([
    ['locks', ABLE],
    ['a lease', { ...ABLE, locks: false }],
    ['a lease and no channels', { locks: false, channels: false, storage: true }],
  ] as const)(
    `five tabs with ${mode === 'split' ? 'split cookies' : 'one cookie'} and %s refresh once`,
    async (_, abilities) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), bursts, async (seed, script) => {
          const { refreshes, rotations, expiries, reused, statuses } = await play(mode, abilities, seed, script)
          expect([...statuses]).toEqual([200])
          expect([refreshes, rotations, reused]).toEqual([expiries, expiries, 0])
        }),
        runs,
      )
    },
  )

  // What these tests count can be more than one: with neither locks nor storage there is nothing by which tabs could agree. Every browser
  // that keeps `Secure` cookies has locks; without them the server's grace answers all, if answers do not overtake each other.
  test(`five tabs that share nothing but their cookies (${mode}) refresh more often than once`, async () => {
    const all = [0, 1, 2, 3, 4].map((tab) => ({ tab, isUnsafe: false }))
    const nothing = { locks: false, channels: false, storage: false }
    const { refreshes, expiries, statuses } = await play(mode, nothing, 1, [{ pause: 2_000, requests: all }])
    expect(refreshes).toBeGreaterThan(expiries)
    expect([...statuses]).toEqual([200])
  })
}
