/** How large a token may be, before anything else is asked of it. */

/** No option goes above this many characters. */
export const maxTokenBytes = 16_384

/** What `parseJws` takes unless told otherwise. */
export const defaultTokenBytes = 8_192
