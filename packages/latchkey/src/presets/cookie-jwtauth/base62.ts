/** Bytes as letters and digits: 22 bytes are 30 of them, as many as the original has in its random text. */

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const BASE = BigInt(DIGITS.length)

/** Always as long as the largest of that many bytes. */
export function base62(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let at = 0; at < lengthOf(bytes.length); at++) {
    text = `${DIGITS[Number(rest % BASE)]}${text}`
    rest /= BASE
  }
  return text
}

/** The bytes that a text stands for; `undefined` for what `base62` does not write. */
export function fromBase62(text: string, size: number): Uint8Array | undefined {
  if (text.length !== lengthOf(size) || !/^[\da-zA-Z]+$/.test(text)) return undefined
  let value = 0n
  for (const digit of text) value = value * BASE + BigInt(DIGITS.indexOf(digit))
  const hex = value.toString(16).padStart(size * 2, '0')
  return hex.length === size * 2 ? Buffer.from(hex, 'hex') : undefined
}

const lengthOf = (bytes: number): number => Math.ceil((bytes * 8) / Math.log2(DIGITS.length))
