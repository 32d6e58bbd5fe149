/** Sets the clock of a server forward and back while its clients go on, and lets the judge decide over what they saw (case 231). */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFleet } from './fleet.mjs'
import { createLife } from './life.mjs'

const HOUR_SECONDS = 3_600
/** What a busy machine may take from a token to the look at it. */
const SLOW_SECONDS = 5

/** Seconds that the clock is off: two hours ahead, an hour behind, half an hour and twelve seconds either way, and right in between. */
const OFFSETS = [7_200, -HOUR_SECONDS, 0, HOUR_SECONDS, 0, -HOUR_SECONDS, 12, -12, 0, -7_200, 1_800, 0]

/**
 * `library` is the path of libfaketime; without it the server reads a clock that it is told. `until` ends the run early, once it is true of a verdict.
 *
 * @param {{ database?: string | undefined, offsets?: readonly number[], questions?: number, library?: string | undefined, seed?: number, variant?: string, expiredBehind?: number, until?: (verdict: ReturnType<typeof import('./judge.mjs').judge>) => boolean, progress?: (steps: number) => void }} options
 * @returns the verdict with what it rests on; by a clock that was right again, `expired` tokens were refused for that, and `outlived` were accepted
 */
export async function runSteps({
  database,
  offsets = OFFSETS,
  questions = 120,
  library,
  seed = Date.now(),
  variant = 'none',
  expiredBehind = HOUR_SECONDS,
  until = () => false,
  progress = () => {},
}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-steps-'))
  const file = join(folder, 'offset')
  if (library) writeOffset(0)
  const fleet = createFleet({
    database: database ?? `sqlite:${join(folder, 'auth.db')}`,
    variant,
    isStepped: library === undefined,
    env: library ? faked(library, file) : {},
  })
  const life = createLife({ fleet, seed })
  const expired = new Set()
  const found = { outlived: 0, expired: 0, crashed: 0 }
  let steps = 0
  let over = false
  try {
    await fleet.start()
    const gone = fleet.gone().then(() => {
      if (!over) found.crashed = 1
    })
    await Promise.race([stepping(), gone])
    if (found.crashed === 0) await life.settle()
  } finally {
    over = true
    await fleet.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { variant, seed, steps, ...life.tally(), ...life.verdict(), ...found }

  async function stepping() {
    for (const offset of [0, ...offsets]) {
      await (library ? writeOffset(offset) : fleet.tell({ offset }))
      if (offset === 0) await presentExpired()
      // What is a double click by one clock is none by two: nobody has anything open when the clock is set.
      await life.refresh()
      demandOffset(offset)
      const work = life.go()
      await Promise.race([life.asked(questions), work])
      await life.rest()
      if (offset <= -expiredBehind) await keepExpired()
      progress(++steps)
      if (until({ ...life.verdict(), ...found })) return
    }
  }

  /** What is issued by a clock an hour late, for an hour, is expired by the right time. Used once, it is remembered as good. */
  async function keepExpired() {
    const call = await fleet.up()
    for (const token of life.accesses())
      if ((await call('GET', '/auth/me', { token }))?.status === 200) expired.add(token)
  }

  async function presentExpired() {
    const call = await fleet.up()
    for (const token of expired) {
      const answer = await call('GET', '/auth/me', { token })
      if (answer?.body?.code === 'token_expired') found.expired++
      if (answer?.status !== 401) found.outlived++
    }
    expired.clear()
  }

  /** A clock that was not set would prove nothing. */
  function demandOffset(offset) {
    const [token] = life.accesses()
    if (token === undefined) return
    const { iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    const off = Math.round(iat - Date.now() / 1000)
    if (Math.abs(off - offset) > SLOW_SECONDS) throw new Error(`the clock of the server is ${off} s off, not ${offset}`)
  }

  /** Whoever reads the file never sees half of it. */
  function writeOffset(offset) {
    writeFileSync(`${file}.new`, `${offset < 0 ? '' : '+'}${offset}`)
    renameSync(`${file}.new`, file)
  }
}

/** The wall clock is read anew each time; the clock that nobody sets stays as it is, here as in every kernel. */
const faked = (library, file) => ({
  LD_PRELOAD: library,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  DONT_FAKE_MONOTONIC: '1',
  NO_FAKE_STAT: '1',
})
