/** JSON Schema for claims: what is refused when it is loaded, and what when it is applied (cases 88-90). */
import { describe, expect, test } from 'vitest'
import { AuthError, type Problem } from '../../src/errors.js'
import { asSigned, compileClaims, readClaimsSchema } from '../../src/jwt/schema.js'

const draft = 'https://json-schema.org/draft/2020-12/schema'

async function problems(schema: object, claims: Record<string, unknown>): Promise<readonly Problem[] | undefined> {
  const check = await compileClaims(schema)
  try {
    check(claims)
    return undefined
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    expect([error.code, error.reason]).toEqual(['claims_invalid', 'schema'])
    return error.problems
  }
}

const nested = (depth: number): object => (depth === 0 ? {} : { properties: { a: nested(depth - 1) } })

const members = (count: number, schema: object): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, schema]))

/** Each names the next one twice: the last would be asked two to the power of `count` times. */
const doubling = (count: number): object =>
  Object.fromEntries(
    Array.from({ length: count + 1 }, (_, at) => {
      const next = { $ref: `#/$defs/d${at + 1}` }
      return [`d${at}`, at === count ? { const: 1 } : { allOf: [next, next] }]
    }),
  )

const endless = (): object =>
  new Proxy(
    {},
    {
      ownKeys: () => ['a'],
      getOwnPropertyDescriptor: () => ({ value: 0, enumerable: true, configurable: true }),
      get: endless,
    },
  )

describe('schemas that are refused when loaded (case 88)', () => {
  test.each([
    ['a remote $ref', { $ref: 'https://evil.example/schema.json' }],
    ['a relative $ref', { $ref: 'other.json#/a' }],
    ['a $ref deep inside', { properties: { a: { items: { $ref: 'http://127.0.0.1/x' } } } }],
    ['an $id', { $id: 'https://evil.example/schema.json' }],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }],
    ['an asynchronous schema', { $async: true, type: 'object' }],
    ['an $anchor', { $anchor: 'x' }],
    ['a $ref to an anchor', { $ref: '#x', $defs: { a: {} } }],
    ['a $ref that is badly encoded', { $ref: '#/%zz' }],
    ['a $ref to itself', { $ref: '#' }],
    ['a $ref that comes back', { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ not: { $ref: '#/$defs/a' } }] } } }],
    ['references that double', { $ref: '#/$defs/d0', $defs: doubling(30) }],
    [
      'recursion in five places',
      { $ref: '#/$defs/n', $defs: { n: { properties: members(5, { $ref: '#/$defs/n' }) } } },
    ],
    ['a long choice for every item', { properties: { a: { items: { anyOf: Array(100).fill({ const: 1 }) } } } }],
    ['ten of the slowest patterns', { properties: members(10, { pattern: '^a*a*a*!' }) }],
    ['nullable, which only ajv knows', { properties: { a: { type: 'string', nullable: true } } }],
    ['formatMinimum, which only ajv knows', { properties: { a: { format: 'date', formatMinimum: '2026-01-01' } } }],
    ['a format that only ajv knows, and that is slow', { properties: { a: { format: 'url' } } }],
    ['a format that would compile the claims', { properties: { a: { format: 'regex' } } }],
    ['a $ref to nothing', { $ref: '#/nowhere' }],
    ['a $dynamicRef', { $dynamicRef: '#x' }],
    ['an unknown keyword', { properteis: {} }],
    ['an unknown type', { type: 'objekt' }],
    ['an unknown format', { properties: { a: { format: 'color' } } }],
    ['a property __proto__', { properties: JSON.parse('{"__proto__":{"type":"string"}}') }],
    ['10,000 levels', nested(10_000)],
    ['33 levels', nested(33)],
    ['10,000 members', { enum: Array.from({ length: 10_000 }, (_, at) => at) }],
    ['an array', []],
    ['null', null],
    ['text', 'object'],
    ['a function in it', { required: () => true }],
    ['a number that JSON does not have', { maxLength: Number.POSITIVE_INFINITY }],
    ['a Proxy without end', endless()],
    [
      'a cycle',
      Object.assign(
        {},
        {
          get properties() {
            return this
          },
        },
      ),
    ],
  ])('%s', async (_, schema) => {
    await expect(compileClaims(schema as object)).rejects.toMatchObject({ code: 'options_invalid', reason: 'schema' })
  })

  test('refusing takes less than 200 ms, and asks nobody on the network', () => {
    const slow = [
      nested(10_000),
      { $ref: '#/$defs/d0', $defs: doubling(300) },
      endless(),
      { $ref: 'https://evil.example/' },
    ]
    for (const schema of slow) {
      const times = [1, 2, 3].map(() => {
        const started = performance.now()
        // Not even a promise: nothing can be waited for.
        expect(() => readClaimsSchema(schema)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
        return performance.now() - started
      })
      expect(Math.min(...times)).toBeLessThan(200)
    }
  })

  test.each([
    '(a+)+$',
    // An emoji is two code units: what is repeated here has to be found where it stands.
    '\u{1F600}\u{1F600}(a+)+$',
    '\\p{L}(\\p{L}+)+$',
    '^a{1,9999}$',
    '^a?a?a?a?a?a?a*a*a*!',
    '(a*)*',
    '(a|a)*$',
    '(a|aa)+',
    '((ab)+c)*',
    '(a{1,50}){1,50}',
    '(?:x+x+)+y',
    '([a-z]+\\.)*x',
    '(a+)\\1',
    '(?<n>a)\\k<n>',
    '(?=a+)a',
    '(?<!a)b',
    '.*.*.*x',
    '^.*.*.*.*x',
    '^a|.*.*.*x',
    `a${'b?'.repeat(200)}`,
    '(',
    'a?a?a?a?a?a?a?aaaaaaa',
    '(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)!',
    '(a?){30}',
    '((a|b))*',
    '(a+(b))*',
  ])('the pattern %s', async (pattern) => {
    await expect(compileClaims({ properties: { a: { pattern } } })).rejects.toMatchObject({ code: 'options_invalid' })
    await expect(compileClaims({ patternProperties: { [pattern]: {} } })).rejects.toMatchObject({
      code: 'options_invalid',
    })
  })
})

describe('patterns that are taken', () => {
  test.each([
    ['^[a-z]+(:[a-z]+)?$', 'read:posts', true],
    ['^[a-z]+(:[a-z]+)?$', 'read:', false],
    ['^(read|write)$', 'write', true],
    ['^(a|b|c|d|e|f|g|h|i|j)$', 'j', true],
    ['^((a|b)(c|d))?e$', 'ade', true],
    ['^[^@\\s]+@[^@\\s]+\\.[a-z]+$', 'a@example.com', true],
    ['^\\d{4}-\\d{2}$', '2026-11', true],
    ['^\\(a\\|b\\)\\*$', '(a|b)*', true],
    ['^[(|)*+]+$', '(*)', true],
    ['^\\p{Lu}\\p{L}+$', 'Éva', true],
    ['^\u{1F600}(ab)+$', '\u{1F600}abab', true],
  ])('%s on %s', async (pattern, value, matches) => {
    expect((await problems({ properties: { a: { pattern } } }, { a: value })) === undefined).toBe(matches)
  })

  test('two patterns in one schema are two patterns', async () => {
    const schema = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } }
    expect(await problems(schema, { a: 'a', b: 'b' })).toBeUndefined()
    expect(await problems(schema, { a: 'b', b: 'a' })).toHaveLength(2)
  })

  test('the worst of them takes milliseconds on the longest text that is matched at all', async () => {
    const check = await compileClaims({ properties: { a: { pattern: '^[a-z]*[a-z]*[a-z]*!' } } })
    const started = performance.now()
    expect(() => check({ a: 'a'.repeat(256) })).toThrow(AuthError)
    expect(() => check({ a: 'a'.repeat(8_000) })).toThrow(AuthError)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('text above 256 characters matches no pattern', async () => {
    const schema = { properties: { a: { pattern: '^a' } } }
    expect(await problems(schema, { a: 'a'.repeat(256) })).toBeUndefined()
    expect(await problems(schema, { a: 'a'.repeat(257) })).toHaveLength(1)
  })
})

describe('claims are judged as they are (case 89)', () => {
  const schema = {
    $schema: draft,
    type: 'object',
    properties: {
      n: { type: 'integer' },
      s: { type: 'string', default: 'x', minLength: 2 },
      email: { type: 'string', format: 'email' },
    },
    required: ['n'],
  }

  test('no coercion', async () => {
    expect(await problems(schema, { n: '5' })).toEqual([{ path: '/n', rule: 'type', message: 'must be integer' }])
    expect(await problems(schema, { n: 5 })).toBeUndefined()
  })
  test('no defaults, no mutation', async () => {
    const claims = Object.freeze({ n: 5 })
    expect(await problems(schema, claims)).toBeUndefined()
    expect(claims).toEqual({ n: 5 })
  })
  test('problems have a path and a rule, and never the value', async () => {
    const found = await problems(
      { ...schema, additionalProperties: false },
      { s: '\u0001', email: 'hunter2', extra: 'hunter2' },
    )
    expect(found?.map(({ path, rule }) => [path, rule])).toEqual([
      ['/n', 'required'],
      ['', 'unknown'],
      ['/s', 'short'],
      ['/email', 'format'],
    ])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
  test('a path is escaped as RFC 6901 says', async () => {
    expect((await problems({ required: ['a/b~c'] }, {}))?.[0]?.path).toBe('/a~1b~0c')
  })
  test('no more than ten problems are told', async () => {
    const required = Array.from({ length: 50 }, (_, at) => `m${at}`)
    expect(await problems({ required }, {})).toHaveLength(10)
  })
})

describe('only own members count (case 90)', () => {
  test('required', async () => {
    expect((await problems({ required: ['toString', '__proto__'] }, {}))?.map(({ path }) => path)).toEqual([
      '/toString',
      '/__proto__',
    ])
  })
  test('properties', async () => {
    const schema = { properties: { toString: { type: 'string' }, constructor: { type: 'string' } } }
    expect(await problems(schema, {})).toBeUndefined()
    expect(await problems(schema, { toString: 7 })).toHaveLength(1)
  })
})

test('references within the document work, also recursive ones', async () => {
  const schema = {
    $defs: { node: { type: 'object', properties: { child: { $ref: '#/$defs/node' } } } },
    $ref: '#/$defs/node',
  }
  expect(await problems(schema, { child: { child: {} } })).toBeUndefined()
  expect((await problems(schema, { child: { child: 7 } }))?.[0]?.path).toBe('/child/child')
})

test('what its owner does to a schema later has no effect (case 21)', async () => {
  const schema = { required: ['n'] }
  const compile = readClaimsSchema(schema)
  schema.required.pop()
  const check = await compile()
  expect(() => check({})).toThrow(AuthError)
})

test('a getter is read once: it cannot show one schema to the checks and another to ajv', async () => {
  let reads = 0
  const schema = {
    get pattern() {
      return reads++ === 0 ? '^a$' : '(a+)+$'
    },
  }
  const check = await compileClaims({ properties: { a: schema } })
  expect(() => check({ a: 'aa' })).toThrow(AuthError)
  expect(reads).toBe(1)
})

test('the most that a schema may ask for takes no longer than a request may', async () => {
  const check = await compileClaims({ properties: { a: { items: { anyOf: Array(60).fill({ const: 1 }) } } } })
  const started = performance.now()
  expect(() => check({ a: Array(3_900).fill(2) })).toThrow(AuthError)
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('the same claims have the same problems, 1,000 times', async () => {
  const check = await compileClaims({ required: ['a', 'b'], properties: { c: { type: 'string' }, d: { enum: ['x'] } } })
  const told = new Set<string>()
  for (let time = 0; time < 1_000; time++) {
    try {
      check(Object.freeze({ d: 1, c: 2 }))
    } catch (error) {
      told.add(JSON.stringify((error as AuthError).problems))
    }
  }
  expect(told.size).toBe(1)
})

describe('what is checked before it is signed is what the token will say', () => {
  test('a Date is text, and undefined is nothing', () => {
    const claims = { at: new Date(0), none: undefined, __proto__: { inherited: 1 } }
    expect(asSigned(claims)).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    expect(Object.isFrozen(asSigned({ a: [] }).a)).toBe(true)
  })

  test('more than a token may hold is refused here, not when it comes back', () => {
    let deep: object = {}
    for (let level = 0; level < 9; level++) deep = { deep }
    expect(() => asSigned({ deep })).toThrow(expect.objectContaining({ code: 'claims_invalid' }))
    expect(() => asSigned(members(257, {}) as never)).toThrow(expect.objectContaining({ code: 'claims_invalid' }))
  })
})
