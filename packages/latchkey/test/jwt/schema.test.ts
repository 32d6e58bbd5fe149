/** JSON Schema for claims: what is refused when it is loaded, and what when it is applied (cases 88-90). */
import { describe, expect, test } from 'vitest'
import { AuthError, type Problem } from '../../src/errors.js'
import { compileClaims } from '../../src/jwt/schema.js'

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

describe('schemas that are refused when loaded (case 88)', () => {
  test.each([
    ['a remote $ref', { $ref: 'https://evil.example/schema.json' }],
    ['a relative $ref', { $ref: 'other.json#/a' }],
    ['a $ref deep inside', { properties: { a: { items: { $ref: 'http://127.0.0.1/x' } } } }],
    ['an $id', { $id: 'https://evil.example/schema.json' }],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }],
    ['an asynchronous schema', { $async: true, type: 'object' }],
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

  test.each([
    '(a+)+$',
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
  const check = await compileClaims(schema)
  schema.required.pop()
  expect(() => check({})).toThrow(AuthError)
})
