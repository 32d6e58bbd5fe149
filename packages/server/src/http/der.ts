/** Writes DER (X.690): as much of it as a certificate needs. */

const element = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length])
  const bytes = Buffer.from(length.toString(16).padStart(length > 255 ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([128 | bytes.length]), bytes])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts)
export const octets = (...parts: readonly Uint8Array[]): Buffer => element(0x04, ...parts)
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value, 'utf8'))
export const yes: Buffer = Buffer.from([0x01, 0x01, 0xff])

/** `[n]` around other elements. */
export const tagged = (n: number, ...parts: readonly Uint8Array[]): Buffer => element(0xa0 | n, ...parts)

/** `[n]` in the place of a simple element's own tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => element(0x80 | n, content)

/** All bits of the bytes but the last `unused`. */
export const bits = (content: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.from([unused]), content)

/** A positive integer of these bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 128) !== 0
  return element(0x02, isNegative ? Buffer.from([0]) : Buffer.alloc(0), bytes)
}

/** An object identifier in dots. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value & 127]
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 127) | 128)
  return bytes
}

/** UTCTime, good until 2049 (RFC 5280 section 4.1.2.5.1). */
export const utcTime = (at: Date): Buffer =>
  element(0x17, Buffer.from(at.toISOString().replace(/^..|[-:T]|\.\d+/g, ''), 'latin1'))
