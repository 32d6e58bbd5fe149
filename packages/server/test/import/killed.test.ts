/** Goal in short: an import that is killed at three points and resumed ends with the rows of one that nobody disturbed. */
import { expect, test } from 'vitest'
import { runImports } from './soak.mjs'
import { sqliteModule } from './world.mjs'

test('two thousand users, killed at three points and resumed, are row for row those of an import without a break', {
  timeout: 120_000,
}, async () => {
  const { differences, killed, peakMegabytes, whole, resumed } = await runImports({ users: 2_000, kind: 'dump' })
  expect(differences).toEqual([])
  // Killed in the middle each time, and a little further.
  expect(killed).toEqual([...new Set(killed)].sort((a, b) => a - b))
  expect(killed).toHaveLength(3)
  for (const users of killed) expect([users > 0, users < whole.created]).toEqual([true, true])
  expect(resumed.created + resumed.known).toBe(whole.created)
  expect(peakMegabytes).toBeLessThan(200)
})

test('the judge of it sees one membership that is missing', { timeout: 120_000 }, async () => {
  const spoil = async (path: string): Promise<void> => {
    const { DatabaseSync } = await sqliteModule()
    const database = new DatabaseSync(path)
    database.exec("delete from latchkey_members where user_id = '3'")
    database.close()
  }
  const { differences } = await runImports({ users: 30, kind: 'sqlite', points: [], spoil })
  expect(differences).toEqual([expect.stringContaining('"user_id":"3"')])
})
