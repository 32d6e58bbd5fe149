/** The race is trusted because it fails: every store that breaks one promise is found by the same actors and the same judge. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { memory } from '../stores/kit.js'
import { fine, newSeed, verdict } from './crowd/crowd.js'
import { raceOver } from './crowd/replicas.js'
import { slowly, stuck, variants } from './crowd/variants.js'

/** Two of three are found by the first, all of them by the fifth. */
const MOST_RACES = 30
const race = { replicas: 2, steps: 25 }

test.concurrent.each(Object.entries(variants))('%s is found', { timeout: 120_000 }, async (_name, { rule, broken }) => {
  const said = new Set<string>()
  for (let races = 0; races < MOST_RACES && !said.has(rule); races++) {
    const seed = newSeed()
    const history = await raceOver(await memory(), { ...race, seed, around: (stores) => broken(slowly(stores)) })
    for (const found of verdict(history, seed).rules) said.add(found)
  }
  expect([...said]).toContain(rule)
  count('broken stores that the race found', 1)
})

test.concurrent('actors who wait for ever are found', { timeout: 60_000 }, async () => {
  const one = { ...race, seed: newSeed(), around: stuck, patienceSeconds: 3 }
  await expect(raceOver(await memory(), one)).rejects.toThrow(/^stuck in/)
})

test.concurrent('the same stores without a mistake are not accused', { timeout: 60_000 }, async () => {
  const seed = newSeed()
  const judged = verdict(await raceOver(await memory(), { ...race, seed, around: slowly }), seed)
  expect(judged).toEqual(fine(seed, judged.done))
})
