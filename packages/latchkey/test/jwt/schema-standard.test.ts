/** Standard Schema validators as claims schemas: only a clear and steady yes lets a token in (cases 89-92). */
import { describe, expect, test, vi } from 'vitest'
import { AuthError, type StandardIssue, type StandardResult } from '../../src/index.js'
import { compileClaims, readClaimsSchema } from '../../src/jwt/schema.js'

type Validate = (value: unknown) => unknown

/** A validator as the specification has it, around a function that may do anything. */
const standard = (validate: Validate, over: object = {}) => ({
  '~standard': { version: 1, vendor: 'test', validate, ...over },
})

/** A good one: `tenant` is text, and so is every item of `list`. */
const tenant = standard((value) => {
  const { tenant: found, list = [] } = value as { tenant?: unknown; list?: readonly unknown[] }
  const issues: StandardIssue[] = []
  if (typeof found !== 'string') issues.push({ message: `bad tenant: ${String(found)}`, path: ['tenant'] })
  for (const [at, item] of list.entries()) {
    if (typeof item !== 'string') issues.push({ message: `bad: ${String(item)}`, path: [{ key: 'list' }, at] })
  }
  return issues.length > 0 ? { issues } : ({ value } satisfies StandardResult<unknown>)
})

async function refused(schema: object, claims: Record<string, unknown>): Promise<AuthError | undefined> {
  const check = await compileClaims(schema)
  try {
    check(Object.freeze(claims))
    return undefined
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    expect([error.code, error.reason, error.status]).toEqual(['claims_invalid', 'schema', 401])
    expect(error.problems?.length).toBeGreaterThan(0)
    return error
  }
}

describe('what it says', () => {
  test('good claims pass, bad ones are told by path and rule', async () => {
    expect(await refused(tenant, { tenant: 'acme' })).toBeUndefined()
    expect((await refused(tenant, { list: ['a', 5] }))?.problems).toEqual([
      { path: '/tenant', rule: 'required', message: 'is missing' },
      { path: '/list/1', rule: 'format', message: 'is not as the schema demands' },
    ])
  })

  test('neither its messages nor what it throws reach anybody: they may hold the value', async () => {
    const told = [
      await refused(tenant, { tenant: Object('hunter2') }),
      await refused(
        standard(() => {
          throw new TypeError('hunter2')
        }),
        {},
      ),
      await refused(
        standard(() => ({ issues: [{ message: 'x', path: ['a', 'hunter2', 'hunter2'] }] })),
        { a: {} },
      ),
    ]
    for (const error of told) {
      expect(error).toBeInstanceOf(AuthError)
      expect(JSON.stringify([error?.problems, error?.hint, error?.message])).not.toContain('hunter2')
      expect(error?.cause).toBeUndefined()
    }
  })

  test('a path goes as far as the claims do, is escaped, and is cut where it is long', async () => {
    const at = async (path: StandardIssue['path'], claims: Record<string, unknown>) =>
      (
        await refused(
          standard(() => ({ issues: [{ message: 'x', path }] })),
          claims,
        )
      )?.problems?.[0]?.path
    expect(await at(['a', 'b', 'c'], { a: 5 })).toBe('/a')
    expect(await at(['a', 'b', 'c'], { a: {} })).toBe('/a')
    expect(await at(['toString'], {})).toBe('/toString')
    expect(await at(['a/b~c'], { 'a/b~c': 1 })).toBe('/a~1b~0c')
    expect(await at([Symbol('s')], {})).toBe('/Symbol(s)')
    expect(await at(undefined, {})).toBe('')
    expect(await at(['x'.repeat(5_000)], {})).toHaveLength(259)
  })

  test('no more than ten problems, none twice, in the order of the validator', async () => {
    const issues = Array.from({ length: 50 }, (_, at) => ({ message: 'x', path: [`m${at >> 1}`] }))
    const error = await refused(
      standard(() => ({ issues })),
      {},
    )
    expect(error?.problems?.map(({ path }) => path)).toEqual(Array.from({ length: 10 }, (_, at) => `/m${at}`))
  })

  test('a validator may be a function, and may need its object', async () => {
    class Own {
      readonly version = 1
      readonly vendor = 'test'
      readonly wanted = 'acme'
      validate(value: unknown) {
        return (value as { tenant?: unknown }).tenant === this.wanted ? { value } : { issues: [{ message: 'no' }] }
      }
    }
    const schema = Object.assign(() => {}, { '~standard': new Own() })
    expect(await refused(schema, { tenant: 'acme' })).toBeUndefined()
    expect((await refused(schema, { tenant: 'other' }))?.problems).toEqual([
      { path: '', rule: 'format', message: 'is not as the schema demands' },
    ])
  })
})

describe('what is not a clear yes is a no', () => {
  const ok = { value: {} }
  test.each<[string, Validate]>([
    ['it throws', () => JSON.parse('{')],
    ['it throws text', () => Promise.reject('hunter2')],
    [
      'it overflows the stack',
      (value) =>
        (function again(): unknown {
          return [again(), value]
        })(),
    ],
    ['it answers true', () => true],
    ['it answers nothing', () => undefined],
    ['it answers null', () => null],
    ['it answers an empty object', () => ({})],
    ['it answers issues and there are none', () => ({ issues: [] })],
    ['it answers issues that are no list', () => ({ value: 1, issues: 'no' })],
    ['it answers a list with null', () => ({ issues: [null] })],
    [
      'its issues cannot be read',
      () => ({
        ...ok,
        get issues() {
          throw new Error('no')
        },
      }),
    ],
    [
      'it changes the claims',
      (value) => {
        ;(value as { n: number }).n = 7
        return { value }
      },
    ],
    ['it adds a claim', (value) => Object.assign(value as object, { admin: true }) && { value }],
    [
      'it throws an error of ours',
      () => {
        throw new AuthError('options_invalid')
      },
    ],
  ])('%s', async (_, validate) => {
    // An empty object is what it is tried on at the start: it gets through that.
    const late: Validate = (value) => (Object.keys(value as object).length === 0 ? ok : validate(value))
    expect(await refused(standard(late), { n: 5 })).toBeInstanceOf(AuthError)
  })

  test('a promise, even of a yes; and one that is rejected ends no process', async () => {
    const unheard = vi.fn()
    process.on('unhandledRejection', unheard)
    const answers: Validate[] = [
      async () => ok,
      () => Promise.reject(new Error('hunter2')),
      // biome-ignore lint/suspicious/noThenProperty: a promise of somebody's own
      () => ({ then: () => JSON.parse('{') }),
    ]
    for (const validate of answers) {
      const late: Validate = (value) => (Object.keys(value as object).length === 0 ? ok : validate(value))
      const error = await refused(standard(late), { n: 5 })
      expect(error?.hint).toBe('the validator of the claims answers with a promise')
    }
    await new Promise(setImmediate)
    process.off('unhandledRejection', unheard)
    expect(unheard).not.toHaveBeenCalled()
  })
})

describe('one that remembers (case 92)', () => {
  const expression = /^ac/g
  const flag: Validate = (value) =>
    expression.test((value as { tenant: string }).tenant) ? { value } : { issues: [{ message: 'no' }] }
  let turn = 0
  const everyOther: Validate = (value) => (++turn % 2 === 0 ? { value } : { issues: [{ message: 'no' }] })

  test.each<[string, Validate, number]>([
    ['a regular expression with the flag g', flag, 0],
    ['no, yes, no', everyOther, 0],
    ['yes, no, yes', everyOther, 1],
  ])('%s: the same for the same token, 10,000 times', async (_, validate, start) => {
    turn = start
    const check = await compileClaims(standard(validate))
    const claims = Object.freeze({ tenant: 'acme' })
    const verdicts = new Set<string>()
    for (let time = 0; time < 10_000; time++) {
      try {
        check(claims)
        verdicts.add('good')
      } catch (error) {
        verdicts.add((error as AuthError).code)
      }
    }
    expect(verdicts.size).toBe(1)
  })

  test('asked once, the flag g would have let every other one in', () => {
    const once = [1, 2, 3, 4].map(() => 'value' in (flag({ tenant: 'acme' }) as object))
    expect(new Set(once).size).toBe(2)
  })
})

describe('at the start', () => {
  test.each<[string, object]>([
    ['another version', standard(() => ({ value: 1 }), { version: 2 })],
    ['no version', standard(() => ({ value: 1 }), { version: undefined })],
  ])('%s is refused', (_, schema) => {
    expect(() => readClaimsSchema(schema)).toThrow(
      expect.objectContaining({ code: 'options_invalid', reason: 'schema' }),
    )
  })

  test('an asynchronous validator is refused', async () => {
    const schema = standard(async () => ({ value: 1 }))
    await expect(compileClaims(schema)).rejects.toMatchObject({ code: 'options_invalid', reason: 'schema' })
  })

  test('without a function `validate` it is a JSON Schema, and a wrong one', async () => {
    await expect(compileClaims({ '~standard': { version: 1 } })).rejects.toMatchObject({ code: 'options_invalid' })
  })

  test('it is read once: what becomes of its object later has no effect', async () => {
    let reads = 0
    const inner = { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) as object }
    const schema = {
      get '~standard'() {
        reads++
        return inner
      },
    }
    const compile = readClaimsSchema(schema)
    inner.validate = () => ({ value: 1 })
    const check = await compile()
    expect(() => check({})).toThrow(AuthError)
    expect(reads).toBe(1)
  })
})
