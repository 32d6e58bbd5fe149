/** Ids of ours in the form that Python's `uuid4` has. */

/** 16 random bytes, in base64url, as a UUID of version 4 (RFC 9562 section 5.4). */
export function uuidOf(id: string): string {
  const bytes = Buffer.from(id, 'base64url')
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
