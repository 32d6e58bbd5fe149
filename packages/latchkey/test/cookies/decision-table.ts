/** The decision table of a request that a cookie came with: 80 rows, written down by hand and not by the code that they judge. */

/** What the browser said, and what is to become of the request where it has a good CSRF token: it passes, or the layer that stops it. */
export interface Row {
  readonly fetchSite: string
  readonly origin: string
  readonly referer: string
  readonly verdict: 'pass' | 'fetch-metadata' | 'origin'
}

/** The spellings of the table, as they stand in a header; `undefined`: the header is not there. */
export const OURS = 'https://api.example.com'
/** Allowed by `cors`, and of another site. */
export const ALLOWED = 'https://app.other.example'
const ORIGINS: Readonly<Record<string, string | undefined>> = {
  own: OURS,
  absent: undefined,
  null: 'null',
  suffix: 'https://api.example.com.evil.example',
  port: 'https://api.example.com:8443',
  scheme: 'http://api.example.com',
  foreign: 'https://evil.example',
  allowed: ALLOWED,
}
const REFERERS: Readonly<Record<string, string>> = { own: `${OURS}/page`, foreign: 'https://evil.example/page' }

/** Sec-Fetch-Site, Origin, Referer, verdict. */
export const TABLE: readonly Row[] = `
  same-origin own      own      pass
  same-origin own      foreign  pass
  same-origin absent   own      pass
  same-origin absent   foreign  pass
  same-origin null     own      origin
  same-origin null     foreign  origin
  same-origin suffix   own      origin
  same-origin suffix   foreign  origin
  same-origin port     own      origin
  same-origin port     foreign  origin
  same-origin scheme   own      origin
  same-origin scheme   foreign  origin
  same-origin foreign  own      origin
  same-origin foreign  foreign  origin
  same-origin allowed  own      pass
  same-origin allowed  foreign  pass
  same-site   own      own      fetch-metadata
  same-site   own      foreign  fetch-metadata
  same-site   absent   own      fetch-metadata
  same-site   absent   foreign  fetch-metadata
  same-site   null     own      fetch-metadata
  same-site   null     foreign  fetch-metadata
  same-site   suffix   own      fetch-metadata
  same-site   suffix   foreign  fetch-metadata
  same-site   port     own      fetch-metadata
  same-site   port     foreign  fetch-metadata
  same-site   scheme   own      fetch-metadata
  same-site   scheme   foreign  fetch-metadata
  same-site   foreign  own      fetch-metadata
  same-site   foreign  foreign  fetch-metadata
  same-site   allowed  own      pass
  same-site   allowed  foreign  pass
  cross-site  own      own      fetch-metadata
  cross-site  own      foreign  fetch-metadata
  cross-site  absent   own      fetch-metadata
  cross-site  absent   foreign  fetch-metadata
  cross-site  null     own      fetch-metadata
  cross-site  null     foreign  fetch-metadata
  cross-site  suffix   own      fetch-metadata
  cross-site  suffix   foreign  fetch-metadata
  cross-site  port     own      fetch-metadata
  cross-site  port     foreign  fetch-metadata
  cross-site  scheme   own      fetch-metadata
  cross-site  scheme   foreign  fetch-metadata
  cross-site  foreign  own      fetch-metadata
  cross-site  foreign  foreign  fetch-metadata
  cross-site  allowed  own      pass
  cross-site  allowed  foreign  pass
  none        own      own      pass
  none        own      foreign  pass
  none        absent   own      pass
  none        absent   foreign  pass
  none        null     own      origin
  none        null     foreign  origin
  none        suffix   own      origin
  none        suffix   foreign  origin
  none        port     own      origin
  none        port     foreign  origin
  none        scheme   own      origin
  none        scheme   foreign  origin
  none        foreign  own      origin
  none        foreign  foreign  origin
  none        allowed  own      pass
  none        allowed  foreign  pass
  absent      own      own      pass
  absent      own      foreign  pass
  absent      absent   own      pass
  absent      absent   foreign  pass
  absent      null     own      origin
  absent      null     foreign  origin
  absent      suffix   own      origin
  absent      suffix   foreign  origin
  absent      port     own      origin
  absent      port     foreign  origin
  absent      scheme   own      origin
  absent      scheme   foreign  origin
  absent      foreign  own      origin
  absent      foreign  foreign  origin
  absent      allowed  own      pass
  absent      allowed  foreign  pass
`
  .trim()
  .split('\n')
  .map((line) => {
    const [fetchSite = '', origin = '', referer = '', verdict] = line.trim().split(/ +/)
    return { fetchSite, origin, referer, verdict: verdict as Row['verdict'] }
  })

/** The headers of a row. */
export function headersOf({ fetchSite, origin, referer }: Row): Record<string, string> {
  const named = ORIGINS[origin]
  return {
    ...(fetchSite !== 'absent' && { 'sec-fetch-site': fetchSite }),
    ...(named !== undefined && { origin: named }),
    referer: REFERERS[referer] as string,
  }
}

/** A row with the verdict that somebody found, for comparison with the table. */
export const lineOf = ({ fetchSite, origin, referer }: Row, verdict: string): string =>
  `${fetchSite} ${origin} ${referer} -> ${verdict}`
