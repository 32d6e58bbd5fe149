/** The order of text in every store: by its bytes in UTF-8, as databases compare it. */
export const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
