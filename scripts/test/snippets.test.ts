/** What documentation shows is found wherever it is shown, and errors point at the line on which it is shown. */
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { snippetsOf } from '../lib/snippets.mjs'

test('only TypeScript is taken, and its lines are known', () => {
  const page = ['# A page', '```bash', 'ls', '```', '```ts', 'const a = 1', '```'].join('\n')
  const [snippet, ...more] = snippetsOf('page.md', page)
  assert.equal(snippet?.code, 'const a = 1')
  assert.equal(snippet?.lineOf(1), 6)
  assert.equal(more.length, 0)
})

test('a continued block knows what the blocks before it declared', () => {
  const page = [
    '```ts',
    'const a = 1',
    '```',
    '```ts continued',
    'a + 1',
    '```',
    '```ts continued',
    'a + 2',
    '```',
  ].join('\n')
  assert.equal(snippetsOf('page.md', page)[2]?.code, 'const a = 1\na + 1\na + 2')
})

test('an example in a doc comment loses its stars', () => {
  const source = ['/**', ' * @example', ' * ```ts', ' * if (a) {', ' *   b()', ' * }', ' * ```', ' */'].join('\n')
  assert.equal(snippetsOf('a.ts', source)[0]?.code, 'if (a) {\n  b()\n}')
})
