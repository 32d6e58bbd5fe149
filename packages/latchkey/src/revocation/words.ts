/** Ids of 16 bytes as four numbers: read from their one spelling in base64url without making a buffer, and written back. */

/** Four unsigned numbers of 32 bits. */
type Words = Uint32Array

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const FOREIGN = 64
const SEXTETS = new Uint8Array(128).fill(FOREIGN)
for (let value = 0; value < ALPHABET.length; value++) SEXTETS[ALPHABET.charCodeAt(value)] = value

/**
 * Reads 22 characters into `words`; `false` for anything that is not the canonical spelling of 16 bytes. Each number takes five
 * characters and two bits of the last two: not the order of the bytes, but one to one.
 */
export function readId(id: string, words: Words): boolean {
  if (id.length !== 22) return false
  const last = sextet(id, 21)
  const rest = (sextet(id, 20) << 2) | (last >> 4)
  // The low bits of the last character belong to no byte: set, they would be a second spelling.
  let foreign = sextet(id, 20) | last | (last & 15 ? FOREIGN : 0)
  for (let word = 0, at = 0; word < 4; word++) {
    let bits = 0
    for (const end = at + 5; at < end; at++) {
      const value = sextet(id, at)
      foreign |= value
      bits = (bits << 6) | value
    }
    words[word] = (bits << 2) | ((rest >> (word * 2)) & 3)
  }
  return foreign < FOREIGN
}

/** Thirty bits of an id of 22 characters: those that `readId` puts into the upper part of the last number. */
export function someBits(id: string): number {
  let bits = 0
  for (let at = 15; at < 20; at++) bits = (bits << 6) | sextet(id, at)
  return bits
}

/** The id that stands at `offset`. */
export function writeId(words: Words, offset: number): string {
  let text = ''
  let rest = 0
  for (let word = 0; word < 4; word++) {
    const bits = words[offset + word] as number
    for (let shift = 26; shift > 0; shift -= 6) text += ALPHABET[(bits >>> shift) & 63]
    rest |= (bits & 3) << (word * 2)
  }
  return `${text}${ALPHABET[rest >> 2]}${ALPHABET[(rest & 3) << 4]}`
}

function sextet(id: string, at: number): number {
  const code = id.charCodeAt(at)
  return code < 128 ? (SEXTETS[code] as number) : FOREIGN
}
