/** What the tests beside this one run over is what they say. */
import { versionInfo } from 'graphql'
import { expect, test } from 'vitest'

test('graphql is 17', () => {
  expect(versionInfo.major).toBe(17)
})
