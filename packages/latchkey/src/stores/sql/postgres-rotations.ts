/** Rotations in PostgreSQL: all that come together are one statement and one commit, and nobody waits in it for a lock. */
import { sql } from 'kysely'
import type { SessionStore } from '../port.js'
import { batch, type Outcomes } from './batch.js'
import { living } from './living.js'
import type { PostgresDatabase } from './postgres-open.js'
import { parameter, type Statement, statement } from './statement.js'
import { demandStorable } from './storable.js'

interface Rotation {
  readonly id: string
  readonly generation: number
  readonly secretId: string
}

type Rotate = Statement<{ id: string }>

const MOST = 256

export function createGroupedRotations(database: PostgresDatabase): SessionStore['rotate'] {
  const [grouped, single] = [rotationOf(database, 'skip'), rotationOf(database, 'wait')]
  const enqueue = batch(together, MOST)
  const asked = new Map<string, Promise<boolean>>()

  return async function rotate(id, generation, secretId) {
    demandStorable(id)
    demandStorable(secretId)
    // No row has such a generation, and what is no number would end the statement of all the others.
    if (!Number.isSafeInteger(generation)) return false
    const key = `${generation} ${id}`
    const first = asked.get(key)
    // If it succeeds, this generation is gone; if not, there was nothing to rotate. Either way once is enough.
    if (first) return (await first) && false
    const mine = attempt({ id, generation, secretId }).finally(() => asked.delete(key))
    asked.set(key, mine)
    return mine
  }

  // A row that was in other hands goes alone, so that the group has waited for none.
  async function attempt(rotation: Rotation): Promise<boolean> {
    return (await enqueue(rotation)) || (await run([rotation], single)).has(rotation.id)
  }

  async function together(rotations: readonly Rotation[]): Promise<Outcomes<boolean>> {
    const firsts = new Map<string, Rotation>()
    for (const rotation of rotations) if (!firsts.has(rotation.id)) firsts.set(rotation.id, rotation)
    const rotated = await run([...firsts.values()], grouped)
    return rotations.map((rotation) => firsts.get(rotation.id) === rotation && rotated.has(rotation.id))
  }

  /** Answers the ids of the sessions that were rotated. */
  async function run(rotations: readonly Rotation[], rotate: Rotate): Promise<ReadonlySet<string>> {
    const rows = await database.change(rotate, {
      ids: rotations.map(({ id }) => id),
      generations: rotations.map(({ generation }) => generation),
      secretIds: rotations.map(({ secretId }) => secretId),
    })
    return new Set(rows.map(({ id }) => id))
  }
}

/** An UPDATE of several rows locks them in any order, and two of them wait for each other: so the locks are taken first. */
function rotationOf({ read, now }: PostgresDatabase, others: 'skip' | 'wait'): Rotate {
  const ids = sql`${parameter('ids')}::text[]`
  const generations = sql`${parameter('generations')}::bigint[]`
  const secretIds = sql`${parameter('secretIds')}::text[]`
  type Asked = { id: string; generation: number; secret_id: string }
  const asked = sql<Asked>`unnest(${ids}, ${generations}, ${secretIds})`.as<'asked'>(
    sql`asked(id, generation, secret_id)`,
  )
  const rotate = read
    .with('locked', (db) =>
      db
        .selectFrom(asked)
        // Its limit keeps the planner from joining: by statistics that are out of date it would rather read every living session.
        .innerJoinLateral(
          ({ selectFrom, ref }) => {
            const row = selectFrom('latchkey_sessions')
              .select('latchkey_sessions.id')
              .where('latchkey_sessions.id', '=', ref('asked.id'))
              .where('latchkey_sessions.generation', '=', ref('asked.generation'))
              .where(living(now))
              .limit(sql.lit(1))
              .forUpdate()
            return (others === 'skip' ? row.skipLocked() : row).as('row')
          },
          (join) => join.onTrue(),
        )
        .select(['asked.id', 'asked.generation', 'asked.secret_id']),
    )
    .updateTable('latchkey_sessions')
    .from('locked')
    .set((eb) => ({
      generation: eb('latchkey_sessions.generation', '+', 1),
      secret_id: eb.ref('locked.secret_id'),
      previous_secret_id: eb.ref('latchkey_sessions.secret_id'),
      rotated_at: now,
      last_seen_at: now,
    }))
    .whereRef('latchkey_sessions.id', '=', 'locked.id')
    .whereRef('latchkey_sessions.generation', '=', 'locked.generation')
    .returning('latchkey_sessions.id')
  return statement(rotate)
}
