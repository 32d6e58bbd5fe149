/** The head of a request: all that authentication reads. A WHATWG `Request` fits, and so does a Node one, without building anything. */

export interface RequestHead {
  readonly method: string
  /** All values of a name joined by ', '. On Node it reads `rawHeaders`, because Node hides a second Authorization header. */
  header(name: Lowercase<string>): string | undefined
}

/** Who is at the other end. `address`: the client's, behind configured proxies only. */
export interface Peer {
  readonly address: string | undefined
}

/** The head of a fetch-standard request. */
export const headOf = (request: Request): RequestHead => ({
  method: request.method,
  header: (name) => request.headers.get(name) ?? undefined,
})

/** The head of a Node request, from its raw headers. */
export function headOfNode(request: {
  readonly method?: string | undefined
  readonly rawHeaders: readonly string[]
}): RequestHead {
  const raw = request.rawHeaders
  return { method: request.method ?? 'GET', header }

  function header(name: Lowercase<string>): string | undefined {
    let found: string | undefined
    for (let i = 0; i < raw.length; i += 2) {
      const candidate = raw[i] as string
      if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
      const value = raw[i + 1] as string
      found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
    }
    return found
  }
}
