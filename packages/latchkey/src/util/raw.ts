/**
 * Text into a kept buffer and out of it, by the methods that `write` and `toString` end in: to go there directly saves the hot
 * path a fifteenth. Node documents none of them, so the documented way stands behind each.
 */
interface Raw {
  latin1Write?(text: string, offset: number, length: number): number
  base64urlWrite?(text: string, offset: number, length: number): number
  latin1Slice?(start: number, end: number): string
}

/** Writes the first `length` characters, of each the low byte. */
export function writeLatin1(into: Buffer & Raw, text: string, offset: number, length: number): void {
  if (into.latin1Write === undefined) into.write(text, offset, length, 'latin1')
  else into.latin1Write(text, offset, length)
}

/** Decodes leniently, as node does, from the start of the buffer; answers the number of bytes. */
export function writeBase64url(into: Buffer & Raw, text: string): number {
  if (into.base64urlWrite === undefined) return into.write(text, 0, into.length, 'base64url')
  return into.base64urlWrite(text, 0, into.length)
}

/** The first `length` bytes, a character each. */
export function readLatin1(from: Buffer & Raw, length: number): string {
  if (from.latin1Slice === undefined) return from.toString('latin1', 0, length)
  return from.latin1Slice(0, length)
}
