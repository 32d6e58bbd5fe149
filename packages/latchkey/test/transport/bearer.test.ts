/** The Authorization header, in every spelling. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/transport/bearer.js'
import { headOfNode, type RequestHead } from '../../src/transport/head.js'

const head = (...values: string[]): RequestHead =>
  headOfNode({ method: 'GET', rawHeaders: values.flatMap((value) => ['Authorization', value]) })

const read = (...values: string[]): unknown => {
  try {
    return bearer().access(head(...values))?.token
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('the Authorization header', () => {
  test.each([
    ['the scheme in any case (case 180)', ['bearer abc'], 'abc'],
    ['the scheme in capitals (case 180)', ['BEARER abc'], 'abc'],
    ['nothing', [], undefined],
    ['another scheme (case 181)', ['Basic abc'], undefined],
    ['a scheme that begins alike (case 181)', ['Bearer2 abc'], undefined],
    ['a token without a scheme (case 181)', ['eyJ.eyJ.abc'], undefined],
    ['two headers (case 182)', ['Bearer a', 'Bearer b'], 'credential_ambiguous'],
    ['two headers of two schemes', ['Bearer a', 'Basic b'], 'credential_ambiguous'],
    ['two tokens in one header (case 183)', ['Bearer a, Bearer b'], 'credential_ambiguous'],
    ['two spaces (case 183)', ['Bearer  a'], 'credential_malformed'],
    ['a tab (case 183)', ['Bearer\ta'], 'credential_malformed'],
    ['a trailing comma (case 183)', ['Bearer a,'], 'credential_ambiguous'],
    ['the scheme alone (case 183)', ['Bearer'], 'credential_malformed'],
    ['the scheme and a space (case 183)', ['Bearer '], 'credential_malformed'],
    ['two tokens with a space', ['Bearer a b'], 'credential_malformed'],
    ['a percent sign is for the verifier to refuse (case 185)', ['Bearer %'], '%'],
  ])('%s', (_name, values, outcome) => expect(read(...values)).toBe(outcome))

  test('a preset may take its scheme to the letter', () => {
    const strict = bearer({ scheme: 'Bearer', caseSensitive: true })
    expect(strict.access(head('bearer abc'))).toBeUndefined()
    expect(strict.access(head('Bearer abc'))?.token).toBe('abc')
  })

  test('tokens elsewhere are none: query, body and other headers are not looked at (case 184)', () => {
    const raw = ['X-Access-Token', 'abc', 'Cookie', 'access_token=abc']
    expect(bearer().access(headOfNode({ method: 'GET', rawHeaders: raw }))).toBeUndefined()
  })
})
