/** What a start prints: the lines that make the first administrator, log in and ask who is calling. All of them can be pasted. */

export interface BannerFacts {
  readonly url: string
  readonly development: boolean
  /** The one-time code while there is no administrator. */
  readonly code: string | undefined
  /** The password of `admin`, where it is known: development, and unchanged. */
  readonly password: string | undefined
  /** The self-signed certificate that curl has to believe. */
  readonly certificate: string | undefined
}

/** A line to paste, and what it answers. */
export interface Line {
  readonly about: string
  readonly command: string
}

const JSON_BODY = "-H 'content-type: application/json'"
// Node is there, other tools may not be.
const TAKE = `node -p 'JSON.parse(require("fs").readFileSync(0)).access_token'`

export function bannerLines({ url, code, password, certificate }: BannerFacts): readonly Line[] {
  const curl = `curl -s${certificate === undefined ? '' : ` --cacert '${certificate}'`}`
  const secret = password ?? '<password>'
  const credentials = JSON.stringify({ username: 'admin', password: secret })
  const first = JSON.stringify({ code, username: 'admin', password: secret })
  const bearer = '-H "authorization: Bearer $TOKEN"'
  const query = JSON.stringify({ query: '{ me { id username email permissions } }' })
  return [
    ...(code === undefined
      ? []
      : [
          {
            about: 'makes the first administrator; the code is good once',
            command: `${curl} ${url}/auth/bootstrap ${JSON_BODY} -d '${first}'; echo`,
          },
        ]),
    {
      about: 'logs in and keeps the access token',
      command: `TOKEN=$(${curl} ${url}/auth/login ${JSON_BODY} -d '${credentials}' | ${TAKE}); echo "$TOKEN"`,
    },
    { about: 'answers the user of the token', command: `${curl} ${url}/auth/me ${bearer}; echo` },
    {
      about: 'answers the same user, as data.me',
      command: `${curl} ${url}/graphql ${JSON_BODY} ${bearer} -d '${query}'; echo`,
    },
  ]
}

// Everything is a command or a comment, so that the whole text can be pasted. No apostrophe or bracket may stand in a
// comment: an interactive zsh does not skip comments.
export function bannerText(facts: BannerFacts): string {
  const notes = notesOf(facts).map((note) => `# ${note}`)
  const lines = bannerLines(facts).map(({ about, command }) => `# ${about}\n${command}`)
  return `${notes.join('\n')}\n\n${lines.join('\n\n')}\n\n`
}

function notesOf({ url, development, code, password }: BannerFacts): readonly string[] {
  const notes = [`Latchkey is running at ${url}`]
  if (development) notes.push('This is development mode: database and secret are in the folder latchkey-data.')
  if (code !== undefined) notes.push('There is no administrator yet: the first line makes one.')
  if (password === undefined)
    notes.push('Put the password of admin where <password> stands, or log in as somebody else.')
  return notes
}
