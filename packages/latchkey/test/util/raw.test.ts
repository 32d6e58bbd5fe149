/** The direct and the documented way do the same. */
import { describe, expect, test } from 'vitest'
import { readLatin1, writeBase64url, writeLatin1 } from '../../src/util/raw.js'

const direct = () => Buffer.alloc(16)

/** A buffer of a node that has the documented methods only. */
function documented(): Buffer {
  const buffer = Buffer.alloc(16)
  const bound = { length: 16, write: buffer.write.bind(buffer), toString: buffer.toString.bind(buffer) }
  return bound as unknown as Buffer
}

describe.each([
  ['direct', direct],
  ['documented', documented],
])('%s', (_, make) => {
  test('a part of a text is written where it belongs', () => {
    const buffer = make()
    writeLatin1(buffer, 'abcé', 2, 3)
    expect(readLatin1(buffer, 6)).toBe('\u0000\u0000abc\u0000')
    writeLatin1(buffer, 'é', 0, 1)
    expect(readLatin1(buffer, 1)).toBe('é')
  })

  test('base64url is decoded, and what cannot be read leaves fewer bytes', () => {
    const buffer = make()
    expect(writeBase64url(buffer, 'YWJj')).toBe(3)
    expect(readLatin1(buffer, 3)).toBe('abc')
    expect(writeBase64url(buffer, 'YW Jj')).toBe(3)
    expect(writeBase64url(buffer, 'YWI=')).toBe(2)
  })
})
