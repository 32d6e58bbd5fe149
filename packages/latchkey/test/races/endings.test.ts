/** Refreshes and logins that race the end of a session: whatever the order, nothing starts after the acknowledgement and succeeds (case 144). */
import fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'
import { count } from '../count.js'
import { memory } from '../stores/kit.js'
import { said, type World, world } from './kit.js'

vi.mock('@node-rs/argon2', () => import('./fake-argon2.js'))

/** Interleavings per ending. */
const RUNS = 200

const OLD = 'the password that was'
const NEW = 'the password that will be'

/** What the scheduler orders. The feed and the ring go on by themselves. */
const SCHEDULED = /^(sessions|users)\.|^revocations\.(append|stamp)$/

let scheduler: fc.Scheduler | undefined
let interleavings = 0
afterAll(() => count('interleavings of endings', interleavings))

const MANY = { points: 1_000_000, seconds: 60 }

const arranged = async (): Promise<World> =>
  world(
    await memory(),
    { throttle: { everybody: MANY } },
    (name) => SCHEDULED.test(name) && scheduler?.schedule(Promise.resolve(), name),
  )

interface Someone {
  readonly id: string
  readonly username: string
  readonly session: string
  readonly access: string
}

type Ending = (world: World, someone: Someone) => Promise<unknown>

const endings: Readonly<Record<string, Ending>> = {
  logout: ({ call }, { access }) => call('POST', '/auth/logout', { token: access }),
  'logout everywhere': ({ call }, { access }) => call('POST', '/auth/logout/everywhere', { token: access }),
  'an end of the session': ({ auth }, { session }) => auth.revoke({ session }),
  'an end of all sessions': ({ auth }, { id }) => auth.revoke({ user: id }),
  'a user being disabled': ({ auth }, { id }) => auth.users.disable(id),
  'a new password': ({ auth }, { id }) => auth.users.setPassword(id, NEW),
}

test.each(Object.entries(endings))(
  'no refresh that starts after %s was acknowledged succeeds',
  { timeout: 120_000 },
  async (_name, end) => {
    const kit = await arranged()
    await everyOrder(async (number, wait) => {
      const username = `user${number}`
      const user = await kit.auth.users.create({ username, password: OLD })
      const { access, refresh, sessionId } = await kit.auth.tokens.issue(user)
      const early = [kit.refresh, kit.refresh, kit.refresh].map((present) => () => present(refresh))
      const answers: Awaited<ReturnType<World['refresh']>>[] = []
      const ended = async () => {
        await end(kit, { id: user.id, username, session: sessionId, access })
        expect(said(await kit.refresh(refresh))).toEqual([401, 'session_revoked'])
      }
      await wait([ended, ...early.map((present) => async () => void answers.push(await present()))])
      for (const { status, body } of answers) {
        if (status !== 200) expect(['session_revoked', 'user_inactive']).toContain(body.code)
        else {
          expect(said(await kit.refresh(body.refresh_token))).toEqual([401, 'session_revoked'])
          expect(said(await kit.me(body.access_token))).toEqual([401, 'token_revoked'])
        }
      }
    })
    await kit.end()
  },
)

test.each(Object.entries(endings).slice(-2))(
  'a login that races %s does not survive it',
  { timeout: 120_000 },
  async (name, end) => {
    const kit = await arranged()
    await everyOrder(async (number, wait) => {
      const username = `user${number}`
      const user = await kit.auth.users.create({ username, password: OLD })
      const login = (password: string) =>
        kit.call('POST', '/auth/login', {
          body: { username, password },
          address: `10.0.${number >> 8}.${number & 255}`,
        })
      const answers: Awaited<ReturnType<typeof login>>[] = []
      const early = async () => void answers.push(await login(OLD))
      await wait([() => end(kit, { id: user.id, username, session: '', access: '' }), early, early])
      for (const { status, body } of answers) {
        if (status !== 200) expect([status, body.code]).toEqual([401, 'login_failed'])
        else {
          expect(said(await kit.refresh(body.refresh_token))).toEqual([401, 'session_revoked'])
          expect(said(await kit.me(body.access_token))).toEqual([401, 'token_revoked'])
        }
      }
      const late = await login(NEW)
      expect(late.status).toBe(name === 'a new password' ? 200 : 401)
      if (late.status === 200) expect((await kit.refresh(late.body.refresh_token)).status).toBe(200)
    })
    await kit.end()
  },
)

type Work = () => Promise<unknown>

/** Runs works at once, in as many orders of their looks at the store; before and after, nobody waits. */
async function everyOrder(run: (number: number, wait: (works: readonly Work[]) => Promise<void>) => Promise<void>) {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (orders) => {
      interleavings++
      await run(interleavings, async (works) => {
        scheduler = orders
        try {
          await orders.waitFor(Promise.all(works.map((work) => work())))
        } finally {
          scheduler = undefined
        }
      })
    }),
    { numRuns: RUNS },
  )
}
