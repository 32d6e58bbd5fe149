/** Goal G16: whatever people do in whatever order, the library and the model of thirty lines agree (case 162). */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createAuth } from '../../src/index.js'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { caller, ISSUER, SECRET } from '../auth-kit.js'
import { count } from '../count.js'
import { makers } from './kit.js'
import { ABSOLUTE, GRACE, IDLE, Model } from './model.js'

vi.mock('@node-rs/argon2', () => import('./fake-argon2.js'))

const STEPS: Readonly<Record<string, number>> = { memory: 10_000, SQLite: 1_000 }
const MANY = { points: 1_000_000, seconds: 60 }
const NAMES = ['ann', 'bob']
const password = (version: number) => `a good password, number ${version}`

/** The library over one store: it may crash at any time, the store stays. */
async function system(make: () => Promise<StoreUnderTest>) {
  const store = await make()
  const start = store.clock.now
  let running = run()
  const ids: string[] = []
  for (const username of NAMES) ids.push((await running.auth.users.create({ username, password: password(0) })).id)
  /** By session: its refresh tokens by generation, and its last access token. */
  const sessions: { readonly tokens: string[]; access: string }[] = []
  return {
    ids,
    sessions,
    crash,
    end,
    auth: () => running.auth,
    call,
    at: (now: number) => (store.clock.now = start + now),
  }

  function run() {
    const auth = createAuth({
      issuer: ISSUER,
      secret: SECRET,
      database: store.reopen?.() ?? store.stores,
      clock: () => store.clock.now,
      grace: GRACE,
      idleLifetime: IDLE,
      refreshLifetime: ABSOLUTE,
      throttle: { account: MANY, address: MANY, everybody: MANY },
    })
    return { auth, call: caller(auth) }
  }

  function call(...given: Parameters<typeof running.call>) {
    return running.call(...given)
  }

  async function crash() {
    await running.auth.close()
    running = run()
  }

  async function end() {
    await running.auth.close()
    await store.cleanup()
  }
}

type System = Awaited<ReturnType<typeof system>>
type Step = fc.AsyncCommand<Model, System>

let steps = 0

/** A step of this name with random inputs; `run` does it to both and compares. */
function step<T>(name: string, inputs: fc.Arbitrary<T>, run: (model: Model, real: System, input: T) => Promise<void>) {
  return inputs.map(
    (input): Step => ({
      check: () => true,
      async run(model, real) {
        steps++
        await run(model, real, input)
      },
      toString: () => `${name}(${JSON.stringify(input)})`,
    }),
  )
}

const user = fc.nat({ max: NAMES.length - 1 })
const anything = fc.nat()

/** A step over one of the sessions there are; nothing where there are none. */
const sessionStep = <T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  run: (model: Model, real: System, index: number, input: T) => Promise<void>,
) =>
  step(name, fc.tuple(anything, inputs), async (model, real, [which, input]) => {
    // Mostly one of the last, so that something goes on in a session.
    const age = Math.floor(which % Math.min(4, model.sessions.length))
    const index = model.sessions.length - 1 - (which % 7 === 0 ? which % model.sessions.length : age)
    if (model.sessions.length === 0) return
    await run(model, real, index, input)
    await compareAccess(model, real, index)
  })

/** An access token is good exactly while its session was not ended and its five minutes are not over. */
async function compareAccess(model: Model, real: System, index: number): Promise<void> {
  const [{ ended }, { access }] = [model.sessions[index], real.sessions[index]] as [
    { ended: boolean },
    { access: string },
  ]
  const { status, body } = await real.call('POST', '/auth/verify', { body: { token: access } })
  if (ended) expect(['token_revoked', 'token_expired']).toContain(body.code)
  else expect(status === 200 ? 'ok' : body.code).toMatch(/^(ok|token_expired)$/)
}

const everyStep: readonly fc.Arbitrary<Step>[] = [
  step('login', fc.tuple(user, fc.boolean()), async (model, real, [who, stale]) => {
    const version = (model.users[who]?.password ?? 0) - (stale ? 1 : 0)
    const body = { username: NAMES[who], password: password(version) }
    const answer = await real.call('POST', '/auth/login', { body })
    expect(answer.body.code ?? 'ok').toBe(model.login(who, version))
    if (answer.status === 200)
      real.sessions.push({ tokens: [answer.body.refresh_token], access: answer.body.access_token })
  }),
  ...Array<null>(6)
    .fill(null)
    .map(() =>
      sessionStep('refresh', fc.constantFrom(0, 0, 0, 0, 0, 1, 1, 1, 2, 5), async (model, real, index, wished) => {
        const session = model.sessions[index] as Model['sessions'][number]
        const { tokens } = real.sessions[index] as System['sessions'][number]
        const presented = Math.max(0, session.generation - wished)
        const back = session.generation - presented
        const { body } = await real.call('POST', '/auth/refresh', { body: { refresh_token: tokens[presented] } })
        expect(body.code ?? 'ok').toBe(model.refresh(session, back))
        if (body.code) return
        // A retry gets what the first one got; a rotation what nobody ever got.
        const { generation } = session
        expect(body.refresh_token).toBe(tokens[generation] ?? body.refresh_token)
        if (!tokens[generation]) expect(tokens).not.toContain(body.refresh_token)
        tokens[generation] = body.refresh_token
        Object.assign(real.sessions[index] as object, { access: body.access_token })
      }),
    ),
  sessionStep('logout', fc.boolean(), async (model, real, index, byRefreshToken) => {
    const session = model.sessions[index] as Model['sessions'][number]
    const { tokens, access } = real.sessions[index] as System['sessions'][number]
    const how = byRefreshToken ? { body: { refresh_token: tokens.at(-1) } } : { token: access }
    const { status } = await real.call('POST', '/auth/logout', how)
    // An access token that is over cannot log out; a refresh token always can.
    expect([204, ...(byRefreshToken ? [] : [401])]).toContain(status)
    if (status === 204) session.ended = true
  }),
  sessionStep('password', fc.constant(null), async (model, real, index) => {
    const session = model.sessions[index] as Model['sessions'][number]
    const account = model.users[session.user] as Model['users'][number]
    const held = real.sessions[index] as System['sessions'][number]
    const body = { current_password: password(account.password), new_password: password(account.password + 1) }
    const answer = await real.call('POST', '/auth/password', { token: held.access, body })
    if (answer.status !== 200) return expect(answer.body.code).toMatch(/^token_(expired|revoked)$/)
    account.password++
    model.endAll(session.user, session)
    expect([session.ended, answer.body.refresh_token]).toEqual([false, held.tokens[session.generation]])
    held.access = answer.body.access_token
  }),
  step('setPassword', user, async (model, real, who) => {
    const account = model.users[who] as Model['users'][number]
    await real.auth().users.setPassword(real.ids[who] as string, password(++account.password))
    model.endAll(who)
  }),
  step('disable', user, async (model, real, who) => {
    await real.auth().users.disable(real.ids[who] as string)
    Object.assign(model.users[who] as object, { active: false })
    model.endAll(who)
  }),
  ...Array<null>(2)
    .fill(null)
    .map(() =>
      step('enable', user, async (model, real, who) => {
        await real.auth().users.enable(real.ids[who] as string)
        Object.assign(model.users[who] as object, { active: true })
      }),
    ),
  ...Array<null>(2)
    .fill(null)
    .map(() =>
      step(
        'wait',
        fc.oneof(fc.nat({ max: GRACE + 2 }), fc.constantFrom(1, GRACE, GRACE + 1, 300, 3_600, IDLE)),
        async (model, real, seconds) => {
          model.now += seconds
          real.at(model.now)
        },
      ),
    ),
  step('crash', fc.constant(null), (_model, real) => real.crash()),
]

test.each(Object.entries(makers))(
  '%s: model and library agree on every step',
  { timeout: 300_000 },
  async (name, make) => {
    steps = 0
    const wanted = STEPS[name] as number
    while (steps < wanted) {
      await fc.assert(
        fc.asyncProperty(fc.commands([...everyStep], { maxCommands: 300, size: 'max' }), async (commands) => {
          let real: System | undefined
          try {
            await fc.asyncModelRun(async () => {
              real = await system(make)
              return { model: new Model(), real }
            }, commands)
          } finally {
            await real?.end()
          }
        }),
        { numRuns: 10 },
      )
    }
    count(`model steps ${name}`, steps)
  },
)
