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
      about: 'logs in; TOKEN is the access token, and echo shows that there is one',
      command: `TOKEN=$(${curl} ${url}/auth/login ${JSON_BODY} -d '${credentials}' | ${TAKE}); echo \${#TOKEN} characters`,
    },
    { about: 'answers the user of the token', command: `${curl} ${url}/auth/me ${bearer}; echo` },
    {
      about: 'answers the same user, as data.me',
      command: `${curl} ${url}/graphql ${JSON_BODY} ${bearer} -d '${query}'; echo`,
    },
  ]
}

// No apostrophe may stand in a comment: an interactive zsh does not skip comments, and would wait for the second one.
export function bannerText(facts: BannerFacts): string {
  const { url, development, code, password } = facts
  const notes = [
    `Latchkey is running at ${url}${development ? ' (development: data and secret are in latchkey-data)' : ''}`,
    ...(code === undefined
      ? []
      : [
          `There is no administrator yet; the first line makes one${password === undefined ? '' : ', with a password made for you'}.`,
        ]),
    ...(password === undefined
      ? ['Put the password of your choice, or of another user, where <password> stands.']
      : []),
  ]
  const lines = bannerLines(facts).map(({ about, command }) => `# ${about}\n${command}`)
  return `${notes.join('\n')}\n\n${lines.join('\n\n')}\n\n`
}
