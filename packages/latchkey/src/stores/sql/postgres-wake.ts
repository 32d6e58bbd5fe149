/** LISTEN in PostgreSQL: a connection of its own that hears of commits, and comes back when it is lost. */
import type pg from 'pg'
import type { Wake } from '../port.js'
import { postgresModule } from './postgres-module.js'

/** The channel that whoever appends to the log notifies, in the same transaction. */
export const CHANNEL = 'latchkey'

const FIRST_PAUSE_MILLISECONDS = 250
const LONGEST_PAUSE_MILLISECONDS = 4_000
/** How often a connection on which nothing is heard is asked whether it is still one. */
const PULSE_MILLISECONDS = 2_000
const PATIENCE_MILLISECONDS = 2_000

/** The types of `pg` do not know that a client can be left alone. */
type Listener = pg.Client & { unref(): void }

export function postgresWake(urls: readonly string[]): Wake & { close(): void } {
  const stops = new Set<() => void>()
  return {
    async listen(wake) {
      const stop = await listen(urls, wake)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    close() {
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}

async function listen(urls: readonly string[], wake: () => void): Promise<() => void> {
  let client: Listener | undefined
  let timer: NodeJS.Timeout | undefined
  let pause = FIRST_PAUSE_MILLISECONDS
  let tries = 0
  let stopped = false
  await connect()
  return stop

  async function connect(): Promise<void> {
    const mine = await clientOf(urls[tries++ % urls.length] as string)
    client = mine
    mine.on('notification', wake)
    // Told twice or not at all: either way it is lost once.
    mine.on('error', () => lost(mine))
    mine.on('end', () => lost(mine))
    try {
      await mine.connect()
      // A standby refuses to listen, and the next server is asked.
      await mine.query(`listen ${CHANNEL}`)
    } catch {
      return lost(mine)
    }
    if (stopped) return end(mine)
    pause = FIRST_PAUSE_MILLISECONDS
    later(() => pulse(mine), PULSE_MILLISECONDS)
    // What was told while nobody listened is lost.
    wake()
  }

  function pulse(mine: Listener): void {
    mine.query('select 1').then(
      () => client === mine && later(() => pulse(mine), PULSE_MILLISECONDS),
      () => lost(mine),
    )
  }

  function lost(mine: Listener): void {
    if (client !== mine) return
    client = undefined
    end(mine)
    if (stopped) return
    later(() => void connect(), pause * (0.5 + Math.random()))
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
  }

  function later(work: () => void, milliseconds: number): void {
    clearTimeout(timer)
    timer = setTimeout(work, milliseconds)
    timer.unref()
  }

  function stop(): void {
    stopped = true
    clearTimeout(timer)
    if (client) end(client)
  }
}

/** No reason for the process to stay alive, also when nobody answers the farewell. */
function end(client: Listener): void {
  client.unref()
  client.end().catch(() => {})
}

async function clientOf(connectionString: string): Promise<Listener> {
  const { Client } = await postgresModule()
  const client = new Client({
    connectionString,
    application_name: 'latchkey',
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
    query_timeout: PATIENCE_MILLISECONDS,
    keepAlive: true,
  })
  return client as Listener
}
