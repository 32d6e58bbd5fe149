/** Which rules a document asks for: remembered where nothing but the text decides, and found anew where something else does. */
import { buildSchema, parse } from 'graphql'
import { expect, test } from 'vitest'
import { directives } from '../../src/graphql/directives.js'
import { createNeeds } from '../../src/graphql/needs.js'
import { boundBy, protect } from '../../src/graphql/protect.js'

const text = 'type Query @public { open: String, own: String @authenticated }'

function prepared(schemaText = text) {
  const schema = protect(buildSchema(`${directives} ${schemaText}`))
  const bound = boundBy(schema)
  if (!bound) throw new Error('the schema is not protected')
  return { schema, bound }
}

/** The same document, asked again and again. */
function asking(query: string) {
  const [document, needs] = [parse(query), createNeeds()]
  return (
    { schema, bound } = prepared(),
    more: { variables?: Record<string, unknown>; operationName?: string } = {},
  ) => [...needs({ schema, document, ...more }, bound).keys()]
}

test('a variable that leaves a field out is looked at each time', () => {
  const ask = asking('query ($all: Boolean!) { open own @include(if: $all) }')
  const schema = prepared()
  expect(ask(schema, { variables: { all: false } })).toEqual([])
  expect(ask(schema, { variables: { all: true } })).toEqual(['authenticated'])
  expect(ask(schema, { variables: { all: false } })).toEqual([])
})

test('a schema that was changed, or another one, is asked for its own rules', () => {
  const ask = asking('{ open }')
  const [open, closed] = [prepared(), prepared(text.replace('open: String', 'open: String @authenticated'))]
  for (let again = 0; again < 2; again += 1) {
    expect(ask(open)).toEqual([])
    expect(ask(closed)).toEqual(['authenticated'])
  }
})

test('of several operations the one that is named is asked, and a name that none has asks nothing', () => {
  const ask = asking('query A { open } query B { own }')
  const schema = prepared()
  for (let again = 0; again < 2; again += 1) {
    expect(ask(schema, { operationName: 'A' })).toEqual([])
    expect(ask(schema, { operationName: 'B' })).toEqual(['authenticated'])
    expect(ask(schema, { operationName: 'C' })).toEqual([])
    expect(ask(schema)).toEqual([])
  }
})
