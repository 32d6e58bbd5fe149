/** Conformance of everything at once: twenty actors sign in, rotate, end and change, and each answer fits what was acknowledged before it. */
import assert from 'node:assert/strict'
import { inTime } from '../../util/deadline.js'
import { accountOf, epochOf, type StorePromises, type StoreUnderTest, sessionAt, together } from './kit.js'

const ACTORS = 20
const TURNS = 12
const PEOPLE = ['u1', 'u2', 'u3', 'u4']
const PATIENCE_SECONDS = 30

/** When something was asked and answered, counted in questions: nobody has to trust a clock. */
interface Asked {
  readonly start: number
  /** Infinity while nobody has answered. */
  end: number
}

interface Begun extends Asked {
  readonly id: string
  readonly user: string
  /** Of the password that was looked at. */
  readonly version: number
  generation: number
}

interface Ending extends Asked {
  readonly scope: 'session' | 'user' | 'everybody'
  readonly key: string
  /** Of the password that this made. */
  readonly version?: number
}

interface Minted extends Asked {
  readonly user: string
  readonly rev: number
  readonly permission: number
}

export const racePromises: StorePromises = {
  'of twenty at once nobody rotates what was ended, is dead by an end before its beginning, or waits for ever': async (
    test,
  ) => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    for (const id of PEOPLE) await test.stores.users.create(accountOf(id, { passwordHash: '0', permissions: ['0'] }))
    const race = createRace(test, chance(seed), `seed ${seed}`)
    const stuck = () =>
      new assert.AssertionError({ message: `somebody waits for somebody who waits for him: seed ${seed}` })
    await inTime(together(ACTORS, race.act), PATIENCE_SECONDS, stuck)
    await race.settle()
  },
}

function createRace(
  { stores: { users, sessions, revocations }, clock }: StoreUnderTest,
  draw: () => number,
  seed: string,
) {
  const begun: Begun[] = []
  const endings: Ending[] = []
  const minted: Minted[] = []
  const changes: (Asked & { readonly user: string })[] = []
  const acts = [login, rotate, rotate, rotate, look, look, end, changePassword, changePermission, mint]
  let questions = 0
  return { act, settle }

  async function act(actor: number): Promise<void> {
    await login(actor)
    for (let turn = 0; turn < TURNS; turn++) await anyOf(acts)(actor)
  }

  async function login(actor: number): Promise<void> {
    const [user, start] = [anyOf(PEOPLE), ++questions]
    // Before the credentials are looked at, as every login does.
    const stamp = await revocations.stamp()
    const version = Number((await users.findByLogin(`name-${user}`))?.passwordHash)
    const id = `s${actor} ${start}`
    await sessions.create(sessionAt(clock.now, { id, userId: user, stamp }), 9_999)
    begun.push({ id, user, version, generation: 0, start, end: ++questions })
  }

  async function rotate(actor: number): Promise<void> {
    // Its own, so that it knows the generation; and the last, which mostly lives.
    const one = begun.findLast(({ id }) => id.startsWith(`s${actor} `)) as Begun
    const start = ++questions
    const rotated = await sessions.rotate(one.id, one.generation, 'k1')
    if (rotated) one.generation++
    judge(one, { start, end: ++questions }, rotated)
  }

  async function look(): Promise<void> {
    const [one, start] = [anyOf(begun), ++questions]
    const found = await sessions.find(one.id)
    judge(one, { start, end: ++questions }, found?.dead === false && found.session.endedAt === null)
  }

  function judge(one: Begun, asked: Asked, lives: boolean): void {
    const known = lives
      ? endings.find((ending) => ending.end < asked.start && surelyEnds(ending, one))
      : endings.find((ending) => ending.start < asked.end && mayEnd(ending, one))
    const what = lives ? 'lives after its end' : 'is dead, and nobody ended it'
    assert.equal(known !== undefined, !lives, `${what}: ${JSON.stringify({ one, asked, known })}: ${seed}`)
  }

  async function end(): Promise<void> {
    const { id, user } = anyOf(begun)
    const dice = draw()
    if (dice < 0.1) await append('everybody', '')
    else if (dice < 0.3) await append('user', user)
    else await append('session', id)
  }

  async function changePassword(): Promise<void> {
    const [user, start] = [anyOf(PEOPLE), ++questions]
    const before = String((await users.findByLogin(`name-${user}`))?.passwordHash)
    const version = Number(before) + 1
    if (await users.setPasswordHash(user, String(version), before)) await append('user', user, { start, version })
  }

  async function append(scope: Ending['scope'], key: string, more: { start?: number; version?: number } = {}) {
    const ending: Ending = { scope, key, start: ++questions, ...more, end: Number.POSITIVE_INFINITY }
    endings.push(ending)
    await revocations.append([epochOf(scope, key)], 'revoked')
    ending.end = ++questions
  }

  async function changePermission(): Promise<void> {
    const [user, start] = [anyOf(PEOPLE), ++questions]
    const permissions = (await users.findById(user))?.permissions ?? []
    const next = [String(Number(permissions[0]) + 1)]
    if (!(await users.change(user, { permissions: next }, { permissions }))) return
    await revocations.append([epochOf('permissions', user)], 'permissions')
    changes.push({ user, start, end: ++questions })
  }

  async function mint(): Promise<void> {
    const [user, start] = [anyOf(PEOPLE), ++questions]
    const rev = await revocations.stamp()
    const permission = Number((await users.findById(user))?.permissions?.[0])
    minted.push({ user, rev, permission, start, end: ++questions })
  }

  /** What is left of it all: every session as its endings say, and every token with old permissions outdated. */
  async function settle(): Promise<void> {
    for (const one of begun) {
      const start = ++questions
      const found = await sessions.find(one.id)
      judge(one, { start, end: ++questions }, found?.dead === false && found.session.endedAt === null)
    }
    const { epochs } = await revocations.since(0, 9_999)
    for (const user of PEOPLE) {
      const stamp = epochs.find(({ scope, key }) => scope === 'permissions' && key === user)?.stamp ?? 0
      const last = Number((await users.findById(user))?.permissions?.[0])
      const settled = Math.max(0, ...changes.filter((one) => one.user === user).map((one) => one.end))
      for (const one of minted.filter((token) => token.user === user)) {
        if (one.permission < last) assert.ok(stamp > one.rev, `old permissions pass for new: ${seed}`)
        if (one.start > settled) assert.ok(stamp <= one.rev, `new permissions pass for old: ${seed}`)
      }
    }
  }

  function anyOf<T>(list: readonly T[]): T {
    return list[Math.floor(draw() * list.length)] as T
  }
}

function surelyEnds({ scope, key, start, version = -1 }: Ending, one: Begun): boolean {
  if (scope === 'session') return key === one.id
  // Whoever looked at the old password began before the change.
  return (scope === 'everybody' || key === one.user) && (one.end < start || one.version < version)
}

function mayEnd({ scope, key, end }: Ending, one: Begun): boolean {
  if (scope === 'session') return key === one.id
  return (scope === 'everybody' || key === one.user) && end > one.start
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
