/** JSON with comments: whatever stands in a comment means nothing. */
import { expect, test } from 'vitest'
import { parseJsonc } from '../../src/config/jsonc.js'

test.each<[string, unknown]>([
  ['{ "a": 1, // "b": [2],\n "c": 3 }', { a: 1, c: 3 }],
  ['{ "a": 1,\n // ] }\n // }\n "c": 3 }', { a: 1, c: 3 }],
  ['{ "a": 1, /* ] } */ "c": [1, 2, /* ] */ 3], }', { a: 1, c: [1, 2, 3] }],
  ['{ "a": [1, 2, // last ]\n ], // end }\n}', { a: [1, 2] }],
  ['{ "a": "// no, /* comment", "b": "x,]", }', { a: '// no, /* comment', b: 'x,]' }],
  ['{ "a": 1 } // the end ]', { a: 1 }],
])('%s', (text, value) => {
  expect(parseJsonc(text)).toEqual(value)
})

test.each(['{ "a": 1, , }', '{ "a": 1 "c": 2 }', '[1,,]', '{ "a": /* no end }'])('%s is none', (text) => {
  expect(() => parseJsonc(text)).toThrow()
})
